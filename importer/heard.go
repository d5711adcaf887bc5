package importer

import (
	"context"
	"sync"
	"time"
)

// silence is how long a lane may send without having heard from its
// connection.
const silence = 2 * time.Second

// assure makes certain that the lane's lock is still held: a lane that has not
// heard from its connection for a while asks before it sends.
func (d *drain) assure(soft context.Context) error {
	if d.heard.lately() {
		return nil
	}
	reply := make(chan error, 1)
	select {
	case d.asks <- reply:
	case <-soft.Done():
		return soft.Err()
	}
	select {
	case err := <-reply:
		return err
	case <-soft.Done():
		return soft.Err()
	}
}

// A heard is when the lane's connection was last known to be good: when the
// last call that it answered began, since the answer may have lain unread for
// as long as the machine was suspended. The wall clock is kept too, because
// the other one stands still meanwhile.
type heard struct {
	mu   sync.Mutex
	last time.Time // zero: it is lost
	wall time.Time
}

func (h *heard) at(t time.Time) {
	h.mu.Lock()
	h.last, h.wall = t, t.Round(0) // Round strips the monotonic clock
	h.mu.Unlock()
}

func (h *heard) lose() { h.at(time.Time{}) }

func (h *heard) lately() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	wall := now.Round(0).Sub(h.wall)
	return !h.last.IsZero() && now.Sub(h.last) < silence && wall < silence && wall > -silence
}
