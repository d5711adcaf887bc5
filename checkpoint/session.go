package checkpoint

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"relink/importer"
)

// A session is one connection that holds the locks of one lane, or of several
// where there are hundreds, and through which these lanes write. When it is
// lost, so are all of its locks, at once: that is the fence.
type session struct {
	config *pgx.ConnConfig

	mu         sync.Mutex
	conn       *pgx.Conn // nil when lost
	generation int       // rises with each connection
}

// laneSettings keep the planner from ever reading a whole table where a lane
// wants a page of it, whatever it believes of tables not yet analysed.
const laneSettings = `SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off`

// open runs f on a connection and returns the connection's generation. Where
// the last one turns out to be lost it makes a new one.
func (s *session) open(ctx context.Context, f func(*pgx.Conn) error) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		if err := s.run(f); s.conn != nil {
			return s.generation, err
		}
	}
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err != nil {
		return 0, fmt.Errorf("connecting to the database: %w: %w", importer.ErrLost, err)
	}
	if _, err := conn.Exec(ctx, laneSettings); err != nil {
		conn.Close(context.WithoutCancel(ctx))
		return 0, fmt.Errorf("connecting to the database: %w: %w", importer.ErrLost, err)
	}
	s.conn, s.generation = conn, s.generation+1
	return s.generation, s.run(f)
}

// do runs f on the connection of that generation, or ends with ErrLost.
func (s *session) do(generation int, f func(*pgx.Conn) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil || s.generation != generation {
		return importer.ErrLost
	}
	return s.run(f)
}

// run must be called with mu held.
func (s *session) run(f func(*pgx.Conn) error) error {
	err := f(s.conn)
	if s.conn.IsClosed() {
		s.conn = nil
	}
	return err
}

func (s *session) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	s.conn.Close(ctx)
	s.conn = nil
}
