package leadconnector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"relink/importer"
	"relink/importer/sandbox"
)

// TestTokensOutliveTheirDay sends every ten minutes for six days: no call meets
// an old token, and each token is on disk before it is used.
func TestTokensOutliveTheirDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, sandbox.Config{})
		c := d.client(d.tokens())
		for i := range 6 * 24 * 6 * 10 {
			if _, err := d.send(c, fmt.Sprint("r", i)); err != nil {
				t.Fatalf("after %d minutes: %v", i, err)
			}
			time.Sleep(time.Minute)
		}
		if got := d.auth.seen(); got < 6 || got > 7 {
			t.Errorf("got %d exchanges in six days, want one a day", got)
		}
		if g := d.stored(); !g.renewing.IsZero() {
			t.Error("the note of a renewal is still there")
		}
	})
}

// TestMachineThatSlept finds a token that ended meanwhile.
func TestMachineThatSlept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, sandbox.Config{})
		c := d.client(d.tokens())
		time.Sleep(40 * time.Hour)
		if _, err := d.send(c, "a"); err != nil || d.auth.seen() != 1 {
			t.Errorf("got %v after %d exchanges", err, d.auth.seen())
		}
	})
}

// TestStaleTokenIsRenewedOnce: the service's clock says that it ended, ours
// not, and all workers ask at once.
func TestStaleTokenIsRenewedOnce(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	tokens := d.tokens()
	d.auth.control(t, "/_sandbox/clock?advance=25h")
	c := d.client(tokens)
	reply, err := d.send(c, "a")
	if classOf(err) != importer.Stale {
		t.Fatalf("got %v, want Stale", err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := c.Renew(t.Context(), reply.Credential); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, err := d.send(c, "a"); err != nil || d.auth.seen() != 1 {
		t.Errorf("got %v after %d exchanges, want one", err, d.auth.seen())
	}
}

// TestProcessesShareTheFile: several with one file, each finds the token out of
// date, and one renews for all.
func TestProcessesShareTheFile(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	var processes []*grantTokens
	for range 4 {
		processes = append(processes, d.tokens())
	}
	for day := range 3 {
		var all sync.WaitGroup
		for i, p := range processes {
			all.Go(func() {
				_, generation, err := p.Token(t.Context())
				if err == nil {
					err = p.Renew(t.Context(), generation)
				}
				if err != nil {
					t.Errorf("day %d, process %d: %v", day, i, err)
				}
			})
		}
		all.Wait()
		if got := d.auth.seen(); got != day+1 {
			t.Errorf("day %d: %d exchanges, want one a day", day, got)
		}
		d.auth.control(t, "/_sandbox/clock?advance=25h")
	}
}

// TestRevokedGrant is refused, at once and for good.
func TestRevokedGrant(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	tokens := d.tokens()
	d.auth.control(t, "/_sandbox/revoke?token="+d.stored().refresh.reveal())
	d.auth.control(t, "/_sandbox/revoke?token="+d.stored().access.reveal())
	c := d.client(tokens)
	reply, err := d.send(c, "a")
	if classOf(err) != importer.Stale {
		t.Fatalf("got %v, want Stale", err)
	}
	err = c.Renew(t.Context(), reply.Credential)
	told := (*Error)(nil)
	if !errors.As(err, &told) || told.Class != importer.Refused || told.Advice() != adviceGrant {
		t.Fatalf("got %v, want the advice on a dead grant", err)
	}
	d.silent("the error", fmt.Sprintf("%v %+v %#v", err, err, told))
	if !d.stored().renewing.IsZero() {
		t.Error("a note stays of an exchange that was refused")
	}
	// A person logs in again, in another process: the run finds it.
	g := d.stored()
	g.access, _ = NewToken("ey.of-another-login")
	if err := d.open().put("loc1", g); err != nil {
		t.Fatal(err)
	}
	tokens.mu.Lock()
	tokens.quiet = time.Time{}
	tokens.mu.Unlock()
	if token, _, err := tokens.Token(t.Context()); err != nil || token.reveal() != "ey.of-another-login" {
		t.Errorf("after another login: %v", err)
	}
}

// TestRevokedAheadOfTheEnd uses what is left of the old token, and does not ask
// again with a refresh token that was refused.
func TestRevokedAheadOfTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, sandbox.Config{})
		c := d.client(d.tokens())
		d.auth.control(t, "/_sandbox/revoke?token="+d.stored().refresh.reveal())
		time.Sleep(24*time.Hour - 4*time.Minute)
		for range 40 {
			if _, err := d.send(c, "a"); err != nil && classOf(err) != importer.Duplicate {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Second)
		}
		if got := d.auth.seen(); got != 1 {
			t.Errorf("got %d exchanges, want 1", got)
		}
		time.Sleep(time.Minute)
		if _, err := d.send(c, "b"); classOf(err) != importer.Refused {
			t.Errorf("got %v, want a refusal", err)
		}
	})
}

// TestServiceAway: the token lasts as long as it lasts; then calls are Unsent,
// which the engine waits out, and the service is not asked all the time.
func TestServiceAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, sandbox.Config{})
		c := d.client(d.tokens())
		down := true
		d.auth.before = func() error {
			if down {
				return errors.New("no route to host")
			}
			return nil
		}
		time.Sleep(24*time.Hour - 2*time.Minute) // past the time to renew
		if _, err := d.send(c, "a"); err != nil {
			t.Errorf("while the old token is good: %v", err)
		}
		time.Sleep(3 * time.Minute)
		for range 100 {
			if _, err := d.send(c, "b"); classOf(err) != importer.Unsent {
				t.Fatalf("got %v, want Unsent", err)
			}
			if err := c.Renew(t.Context(), 0); err != nil {
				t.Fatalf("renewing is no refusal while the service is away: %v", err)
			}
		}
		if got := d.auth.seen(); got > 5 {
			t.Errorf("%d exchanges in no time", got)
		}
		down = false
		time.Sleep(pause)
		if _, err := d.send(c, "b"); err != nil {
			t.Errorf("when the service is back: %v", err)
		}
	})
}

// TestCallerLeaves in the middle of an exchange: it ends all the same.
func TestCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, sandbox.Config{})
		tokens := d.tokens()
		time.Sleep(30 * time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		d.auth.after = func() error { cancel(); return nil }
		before := d.stored().refresh.reveal()
		_, _, _ = tokens.Token(ctx)
		if g := d.stored(); g.refresh.reveal() == before || !g.renewing.IsZero() {
			t.Error("the new pair is not on disk")
		}
	})
}
