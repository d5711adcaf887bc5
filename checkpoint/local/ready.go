//go:build darwin || freebsd || linux

package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const database = "relink"

// errGone means that the server ended while it was waited for.
var errGone = errors.New("the private Postgres is gone")

// ready returns when the server answers a query in our database, which it makes
// if need be, or with errGone when no process of the server is left.
func (s *Server) ready(ctx context.Context) error {
	for {
		err := s.ping(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("waiting for the private Postgres to answer (see %s): %w", s.place.log(), context.Cause(ctx))
		}
		// Whatever it said, an answer of a server that is ending is worth nothing.
		if gone, err := s.place.gone(); err != nil {
			return err
		} else if gone {
			return errGone
		}
		if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
			switch pg.Code {
			case "57P03": // cannot_connect_now: starting up, recovering, stopping
			case "53300": // too_many_connections: it is up
				return nil
			default:
				return fmt.Errorf("using the private Postgres (see %s): %w", s.place.log(), err)
			}
		}
		if err := pause(ctx, 2*tick); err != nil {
			continue // the next ping says so
		}
	}
}

func (s *Server) ping(ctx context.Context) error {
	// A server that takes the connection and says nothing must not hold us.
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := s.exec(ctx, database, "")
	if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "3D000" { // invalid_catalog_name
		return err
	}
	if err := s.exec(ctx, "postgres", "CREATE DATABASE "+database+" TEMPLATE template0"); err != nil {
		return err
	}
	return s.exec(ctx, database, "")
}

// exec runs one statement over a connection of its own.
func (s *Server) exec(ctx context.Context, database, sql string) error {
	conn, err := pgconn.Connect(ctx, s.dsn(database))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql).ReadAll()
	return errors.Join(err, conn.Close(ctx))
}
