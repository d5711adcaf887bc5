package checkpoint

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// patience is how long a question that no lane asks (a plan, the books, a run's
// start and end) is put again while the server restarts or its connection was
// cut. Lanes have the engine's outage limit.
const patience = 5 * time.Second

// again calls f until it does not fail for want of a connection, or patience
// ends. What f does must bear being done twice.
func again[T any](ctx context.Context, f func() (T, error)) (T, error) {
	end := time.Now().Add(patience)
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		v, err := f()
		if err == nil || !passing(err) || time.Now().Add(wait).After(end) {
			return v, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return v, err
		}
	}
}

// passing reports whether err means that there is no connection just now, as
// opposed to a statement that was refused or a caller that has left.
func passing(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code[:2] == "08" || pg.Code[:2] == "57"
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var connect *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
