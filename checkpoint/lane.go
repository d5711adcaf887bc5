package checkpoint

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relink/importer"
)

// An Operation is what is done to the claimed relations. A claim left behind
// by a dead run is taken over only by a run of the same operation.
type Operation string

// The operations.
const (
	Create Operation = "create"
	Delete Operation = "delete"
)

// A Scope says which relations of a lane a run works on.
type Scope struct {
	Operation Operation
	Run       int64  // the run that claims and settles
	Parts     []Part // Create: the pending relations that these name, in this order
	Marked    bool   // Create: of those, only the ones that MarkFailed set aside for this run
	Undo      int64  // Delete: the relations that this run created
	Errand    int64  // Delete: of those, the ones that Undoing picked
}

// A Part is the lines of one import behind one of them.
type Part struct {
	Import int64
	After  int64 // no pending relation is known to lie before it; 0: from the start
}

// A Lane is the ledger of one location over one scope. It implements
// importer.Ledger.
type Lane struct {
	id         int64
	location   string
	scope      Scope
	session    *session
	generation int // of the session's connection that holds our lock

	cursor      cursor
	outstanding map[int64]int64 // claimed and not settled or released: relation → claim
	left        map[int64]int   // how many of them a claim still has
	skip        map[int64]bool  // outstanding relations that the cursor may meet again
	inherited   bool            // claims of dead runs have all been taken over
}

var _ importer.Ledger = (*Lane)(nil)

// A cursor is how far a lane has read its scope.
type cursor struct {
	part int   // index into Scope.Parts
	line int64 // last line read of that import
	key  int64 // Delete: key and id of the last relation read
	id   int64
}

// Lane returns the ledger of one location, by the lane id that Shares told.
// Call Open before anything else. No call is made to the database yet.
func (s *Store) Lane(id int64, location string, scope Scope) *Lane {
	if len(s.sessions) < maxSessions {
		s.sessions = append(s.sessions, &session{config: s.config})
	}
	session := s.sessions[s.lanes%len(s.sessions)]
	if s.lanes < maxSessions {
		session = s.sessions[s.lanes]
	}
	s.lanes++
	return &Lane{
		id: id, location: location, scope: scope, session: session,
		outstanding: map[int64]int64{}, left: map[int64]int{}, skip: map[int64]bool{},
	}
}

// Open takes the location's lock: see importer.Ledger.
func (l *Lane) Open(ctx context.Context) error {
	var held bool
	generation, err := l.session.open(ctx, func(conn *pgx.Conn) error {
		err := conn.QueryRow(ctx, holdsLock, lockLane, l.id).Scan(&held)
		if err == nil && !held {
			err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1, $2)`, lockLane, l.id).Scan(&held)
		}
		if err != nil {
			return gone("locking location "+l.location, conn, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !held {
		return fmt.Errorf("locking location %s: %w", l.location, importer.ErrBusy)
	}
	if generation != l.generation {
		l.generation = generation
		l.rewind()
	}
	return nil
}

// holdsLock asks whether this very connection holds a lane's lock.
const holdsLock = `
	SELECT EXISTS (
	    SELECT FROM pg_locks
	    WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
	      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
	      AND classid::bigint = $1 AND objid::bigint = $2 AND objsubid = 2)`

// rewind reads the scope from its start again: relations put back lie behind
// the cursor. What is still outstanding is skipped.
func (l *Lane) rewind() {
	l.inherited = false
	l.start(0)
	clear(l.skip)
	for id := range l.outstanding {
		l.skip[id] = true
	}
}

// start moves the cursor to the beginning of a part.
func (l *Lane) start(part int) {
	l.cursor = cursor{part: part}
	if part < len(l.scope.Parts) {
		l.cursor.line = l.scope.Parts[part].After
	}
}

// Check asks the database whether this lane still holds its lock.
func (l *Lane) Check(ctx context.Context) error {
	return l.do("checking the lock", func(conn *pgx.Conn) error {
		var held bool
		if err := conn.QueryRow(ctx, holdsLock, lockLane, l.id).Scan(&held); err != nil {
			return err
		}
		if !held {
			return importer.ErrLost
		}
		return nil
	})
}

// Close gives the lock back; claims that still stand remain, in doubt.
func (l *Lane) Close(ctx context.Context) error {
	err := l.do("unlocking location "+l.location, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `SELECT pg_advisory_unlock($1, $2)`, lockLane, l.id)
		return err
	})
	if err == nil {
		l.generation = 0 // no connection's: whatever is written now is refused
	}
	return err
}

// do runs f on the connection that holds this lane's lock and on no other.
func (l *Lane) do(doing string, f func(*pgx.Conn) error) error {
	return l.session.do(l.generation, func(conn *pgx.Conn) error {
		if err := f(conn); err != nil {
			return gone(doing, conn, err)
		}
		return nil
	})
}

// Location is where the lane works.
func (l *Lane) Location() string { return l.location }
