package leadconnector

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestRenewOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reads atomic.Int32
		newer, _ := NewToken("pit-newer-token")
		r := &renewable{token: secretToken, read: func() (Token, error) {
			reads.Add(1)
			time.Sleep(time.Second)
			return newer, nil
		}}
		errs := make(chan error)
		for range 64 {
			go func() { errs <- r.Renew(t.Context(), 0) }()
		}
		for range 64 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if err := r.Renew(t.Context(), 0); err != nil { // a latecomer, with the old generation
			t.Error(err)
		}
		token, generation, _ := r.Token(t.Context())
		if token != newer || generation != 1 || reads.Load() != 1 {
			t.Errorf("got generation %d after %d reads, want 1 after 1", generation, reads.Load())
		}
	})
}

func TestRenewWaitsNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &renewable{token: secretToken, read: func() (Token, error) {
			time.Sleep(time.Minute)
			return secretToken, nil
		}}
		first := make(chan error)
		go func() { first <- r.Renew(t.Context(), 0) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Renew(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want a deadline", err)
		}
		if err := <-first; !errors.Is(err, errSameToken) {
			t.Errorf("got %v, want %v", err, errSameToken)
		}
	})
}

func TestRenewMayFailAndPassLater(t *testing.T) {
	newer, _ := NewToken("pit-newer-token")
	broken := errors.New("disk on fire")
	answers := []struct {
		token Token
		err   error
	}{{Token{}, broken}, {secretToken, nil}, {newer, nil}}
	r := &renewable{token: secretToken, read: func() (Token, error) {
		a := answers[0]
		answers = answers[1:]
		return a.token, a.err
	}}
	for i, want := range []error{broken, errSameToken, nil} {
		if err := r.Renew(t.Context(), 0); !errors.Is(err, want) {
			t.Errorf("renewal %d: got %v, want %v", i, err, want)
		}
	}
	if token, generation, _ := r.Token(t.Context()); token != newer || generation != 1 {
		t.Errorf("got generation %d, want 1", generation)
	}
}
