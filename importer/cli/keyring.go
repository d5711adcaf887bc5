package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"relink/importer"
	"relink/importer/leadconnector"
	"relink/importer/pace"
)

const (
	maxKeys    = 4096 // remembered at a time
	maxStrange = 100  // unknown keys in a row, before it must be another column
	maxTries   = 6    // of one question
)

// A keyring finds associations by their keys: each is asked for once in a
// location, while the file is read.
type keyring struct {
	link  *link
	s     *sending
	log   *slog.Logger
	found map[[2]string]found // by location and key
	ways  map[string]*way     // by location

	strange int // unknown keys since the last known one
}

// found is what the service has under a key.
type found struct {
	association leadconnector.Association
	unknown     string // why there is none; empty if there is one
}

// A way is how a location is asked.
type way struct {
	client *leadconnector.Client
	pacer  *pace.Lane
}

func newKeyring(link *link, s *sending, log *slog.Logger) *keyring {
	return &keyring{link: link, s: s, log: log, found: map[[2]string]found{}, ways: map[string]*way{}}
}

// find looks an association up. An error means that the load cannot go on.
func (k *keyring) find(ctx context.Context, location, key string) (found, error) {
	at := [2]string{location, key}
	if f, known := k.found[at]; known {
		return f, nil
	}
	var f found
	err := k.ask(ctx, location, func(ctx context.Context, c *leadconnector.Client) (reply importer.Reply, err error) {
		f.association, reply, err = c.AssociationByKey(ctx, location, key)
		return reply, err
	})
	var refused *leadconnector.Error
	switch {
	case errors.As(err, &refused) && refused.Class == importer.Rejected:
		if f.unknown, err = k.unknown(ctx, location, key, refused); err != nil {
			return found{}, err
		}
		if k.strange++; k.strange > maxStrange {
			return found{}, usage(fmt.Errorf("%d keys one after another are unknown, the last one was: %s; nothing was loaded", k.strange, f.unknown),
				"does the column hold the associations' keys? one of their ids is named associationId")
		}
	case err != nil:
		return found{}, err
	default:
		k.strange = 0
		k.log.Info("association", "location", location, "key", key, "id", f.association.ID,
			"first", f.association.FirstObjectKey, "second", f.association.SecondObjectKey)
	}
	if len(k.found) >= maxKeys {
		clear(k.found)
	}
	k.found[[2]string{strings.Clone(location), strings.Clone(key)}] = f // not the whole line
	return f, nil
}

// unknown says that a key is, and which ones there are.
func (k *keyring) unknown(ctx context.Context, location, key string, refused *leadconnector.Error) (string, error) {
	words := fmt.Sprintf("location %s has no association with the key %q", location, key)
	if refused.Cause != importer.CauseNotFound {
		words = fmt.Sprintf("location %s has no answer for the key %q: %s", location, key, refused.Message)
	}
	var list []leadconnector.Association
	err := k.try(ctx, location, func(ctx context.Context, c *leadconnector.Client) (reply importer.Reply, err error) {
		list, reply, err = c.Associations(ctx, location)
		return reply, err
	})
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	var keys []string
	for _, a := range list {
		keys = append(keys, a.Key)
	}
	slices.Sort(keys)
	const most = 20
	switch {
	case err != nil: // the list is a courtesy
	case len(keys) == 0:
		words += "; it has none at all"
	case len(keys) > most:
		words += fmt.Sprintf("; there are %s and %d more", strings.Join(keys[:most], ", "), len(keys)-most)
	default:
		words += "; there are: " + strings.Join(keys, ", ")
	}
	return words, nil
}

// ask makes a call until it has a clear answer. Its error is a failure, or what
// the service said of this one question.
func (k *keyring) ask(ctx context.Context, location string, call func(context.Context, *leadconnector.Client) (importer.Reply, error)) error {
	w, err := k.way(location)
	if err != nil {
		return &failure{err: err, code: 5, next: "mend it and run the same command again"}
	}
	for try := 1; ; try++ {
		if err := w.pacer.Wait(ctx); err != nil {
			return k.stopped(ctx, location, err)
		}
		reply, err := k.once(ctx, w, call)
		if err == nil {
			return nil
		}
		switch importer.ClassOf(err) {
		case importer.Rejected:
			return err
		case importer.Stale:
			if renewal := w.client.Renew(ctx, reply.Credential); renewal != nil {
				return k.stopped(ctx, location, err)
			}
		case importer.Throttled:
			w.pacer.Hold(reply)
		case importer.Refused, importer.Blocked, importer.Spent:
			return k.stopped(ctx, location, err)
		}
		if try == maxTries {
			return k.stopped(ctx, location, err)
		}
		select {
		case <-time.After(time.Duration(try) * 500 * time.Millisecond):
		case <-ctx.Done():
			return k.stopped(ctx, location, err)
		}
	}
}

// try makes a call once, for what can be done without.
func (k *keyring) try(ctx context.Context, location string, call func(context.Context, *leadconnector.Client) (importer.Reply, error)) error {
	w, err := k.way(location)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := w.pacer.Wait(ctx); err != nil {
		return err
	}
	_, err = k.once(ctx, w, call)
	return err
}

func (k *keyring) once(ctx context.Context, w *way, call func(context.Context, *leadconnector.Client) (importer.Reply, error)) (importer.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, k.s.timeout)
	defer cancel()
	reply, err := call(ctx, w.client)
	w.pacer.Answered(reply.Quota)
	return reply, err
}

// stopped is the failure of a question that the service would not answer.
func (k *keyring) stopped(ctx context.Context, location string, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	f := &failure{err: fmt.Errorf("location %s: asking for its associations: %w; nothing was loaded", location, err), code: 4, next: "run the same command again"}
	switch importer.ClassOf(err) {
	case importer.Stale, importer.Refused, importer.Blocked:
		f.code, f.next = 5, "the token needs the scope associations.readonly; or name the association by its id"
	}
	return f
}

// way returns how a location is asked.
func (k *keyring) way(location string) (*way, error) {
	if w := k.ways[location]; w != nil {
		return w, nil
	}
	client, err := k.link.client(location)
	if err != nil {
		return nil, err
	}
	if len(k.ways) >= maxKeys {
		clear(k.ways)
	}
	w := &way{client: client, pacer: pace.New(pace.Config{Rate: k.s.rate, DailyReserve: k.s.dailyReserve, DailyLimit: k.s.dailyLimit})}
	k.ways[strings.Clone(location)] = w
	return w, nil
}
