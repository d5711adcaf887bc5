package importer

import "sync"

// An alike notices when the first answers of a lane all fail with one cause.
type alike struct {
	limit int

	mu    sync.Mutex
	cause Cause
	count int
	mixed bool
}

// failed counts a failure and reports whether it was the one too many.
func (a *alike) failed(c Cause) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count == 0 {
		a.cause = c
	}
	if c != a.cause {
		a.mixed = true
	}
	a.count++
	return !a.mixed && a.limit > 0 && a.count == a.limit
}

// other notes an answer that is no failure.
func (a *alike) other() {
	a.mu.Lock()
	a.mixed = true
	a.mu.Unlock()
}
