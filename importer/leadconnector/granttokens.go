package leadconnector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"relink/importer"
)

const (
	exchangeTime = 20 * time.Second // for one exchange, lock and disk apart
	pause        = time.Second / 2  // between two attempts to renew: the engine waits longer
)

// grantTokens is the credential of one location whose grant stands in a file. It
// renews ahead of the end, and at once when the service refuses the token.
type grantTokens struct {
	file     *Credentials
	location string
	app      App

	mu         sync.Mutex
	grant      grant
	generation int
	refused    bool      // the current one, by the service
	due        time.Time // when to renew ahead of the end
	quiet      time.Time // until then failed is the answer
	failed     error
	running    *reading // the renewal under way, nil for none
	unsaved    *unsaved
}

// unsaved is a pair that the disk did not take: the next attempt begins with it.
type unsaved struct {
	grant    grant
	replaces Token // the refresh token that it was exchanged for
}

// For gives the tokens of one location, renewed as the app. The error wraps
// ErrNoToken. Call it once for each location: two would each renew.
func (c *Credentials) For(location string, app App) (Tokens, error) {
	g, err := c.get(location)
	if err != nil {
		return nil, err
	}
	return &grantTokens{file: c, location: location, app: app, grant: g, due: g.due()}, nil
}

// Token gives the current token, and renews it first if it must. Ahead of the
// end one caller renews, while the others carry on with what there is.
func (t *grantTokens) Token(ctx context.Context) (Token, int, error) {
	for {
		t.mu.Lock()
		now := time.Now()
		token, generation := t.grant.access, t.generation
		usable := !t.refused && t.grant.good(now)
		shared := t.running
		switch {
		case usable && (now.Before(t.due) || shared != nil):
			t.mu.Unlock()
			return token, generation, nil
		case shared != nil:
			t.mu.Unlock()
			select {
			case <-shared.done:
			case <-ctx.Done():
				return Token{}, 0, ctx.Err()
			}
			if shared.err != nil {
				return Token{}, 0, shared.err
			}
			continue
		case !usable && now.Before(t.quiet):
			err := t.failed
			t.mu.Unlock()
			return Token{}, 0, err
		}
		shared = &reading{done: make(chan struct{})}
		t.running = shared
		t.mu.Unlock()
		shared.err = t.renew(ctx)
		t.ended(shared)
		if shared.err != nil && usable {
			return token, generation, nil
		}
		if shared.err != nil {
			return Token{}, 0, shared.err
		}
	}
}

// ended lets the callers go on that wait for a renewal.
func (t *grantTokens) ended(shared *reading) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running = nil
	if shared.err != nil {
		now := time.Now()
		t.failed, t.quiet = shared.err, now.Add(pause)
		t.due = now.Add(max(pause, t.grant.expires.Sub(now)/10)) // some more tries before the end
		if importer.ClassOf(shared.err) != importer.Unsent {
			t.due = t.grant.expires // what is refused is not asked for again before it must
		}
	}
	close(shared.done)
}

// Renew renews unless somebody has since. Only what will stay so is an error:
// for the rest Token says what is the matter, and the engine waits as it does
// for a service that is away.
func (t *grantTokens) Renew(ctx context.Context, generation int) error {
	t.mu.Lock()
	if generation < t.generation {
		t.mu.Unlock()
		return nil
	}
	t.refused = true
	t.mu.Unlock()
	_, _, err := t.Token(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && importer.ClassOf(err) == importer.Refused {
		return err
	}
	return nil
}

// renew makes one attempt. Once the lock is taken it goes on to its end, even if
// the caller leaves: between the answer and the disk there must be no stop.
func (t *grantTokens) renew(ctx context.Context) error {
	err := t.file.locked(ctx, func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), exchangeTime)
		defer cancel()
		return t.attempt(ctx)
	})
	told := (*Error)(nil)
	if err == nil || errors.As(err, &told) {
		return err
	}
	return &Error{Class: importer.Unsent, Message: err.Error(), transport: err}
}

func (t *grantTokens) attempt(ctx context.Context) error {
	current, err := t.file.get(t.location)
	if err != nil {
		return refusedHere("renewing the access token", err, "run relink login --location "+t.location)
	}
	if t.unsaved == nil && !current.renewing.IsZero() {
		// A process died over the answer, perhaps when it was written already.
		if g, ok := t.file.left(t.location); ok && g.refresh.reveal() != current.refresh.reveal() {
			t.unsaved = &unsaved{grant: g, replaces: current.refresh}
		}
	}
	if done, err := t.save(current); done || err != nil {
		return err
	}
	// Another process may have renewed it while this one waited for the lock.
	if current.access.reveal() != t.grant.access.reveal() && current.good(time.Now()) {
		t.take(current)
		return nil
	}
	noted := current
	if noted.renewing.IsZero() {
		noted.renewing = time.Now()
	}
	if err := t.file.put(t.location, noted); err != nil {
		return fmt.Errorf("renewing the access token, before anything was asked of the service: %w", err)
	}
	fresh, _, err := t.app.exchange(ctx, ticket{kind: "refresh_token", text: current.refresh})
	if err != nil {
		return t.explain(current, err)
	}
	if fresh.scope == "" {
		fresh.scope = current.scope
	}
	t.unsaved = &unsaved{grant: fresh, replaces: current.refresh}
	_, err = t.save(current)
	return err
}

// save stores a pair that is not on disk yet, and takes it into use only then.
func (t *grantTokens) save(current grant) (done bool, err error) {
	if t.unsaved == nil {
		return false, nil
	}
	if current.refresh.reveal() != t.unsaved.replaces.reveal() {
		// The file has a later one, which a person put there; or this one, if
		// the disk took it and said otherwise: then it is stored once more.
		if current.refresh.reveal() != t.unsaved.grant.refresh.reveal() {
			t.unsaved = nil
			return false, nil
		}
	}
	if err := t.file.put(t.location, t.unsaved.grant); err != nil {
		return false, fmt.Errorf("storing the renewed token of location %s (keep this relink running and make room, it tries again; if it ends before, run relink login): %w", t.location, err)
	}
	t.take(t.unsaved.grant)
	t.unsaved = nil
	return true, nil
}

// take puts a grant that is on disk into use.
func (t *grantTokens) take(g grant) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.grant, t.due, t.refused = g, g.due(), false
	t.generation++
}

// explain adds to a failed exchange what the note in the file tells, and takes
// the note back if the refresh token certainly was not used up.
func (t *grantTokens) explain(before grant, err error) error {
	told := (*Error)(nil)
	if !errors.As(err, &told) {
		return err
	}
	if told.advice == adviceGrant && !before.renewing.IsZero() {
		told.advice = fmt.Sprintf("a renewal that began at %s was cut off between the service's answer and the disk, so the refresh token is used up and the new one is lost: have the app authorized again and give the new code to relink login --location %s; every row stays as it is",
			before.renewing.UTC().Format(time.RFC3339), t.location)
	}
	if !told.unknown && before.renewing.IsZero() {
		_ = t.file.put(t.location, before) // if not, the note stays, and says "cut off" where nothing was
	}
	return told
}
