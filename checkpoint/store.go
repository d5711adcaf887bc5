package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"relink/importer"
)

// The first keys of our advisory locks; the second key is a lane's id.
const (
	lockMigrate int32 = 0x524c_0001
	lockLane    int32 = 0x524c_0002
	lockLoad    int32 = 0x524c_0003
	lockErrand  int32 = 0x524c_0004
)

// maxSessions bounds the connections that hold lanes; with more lanes than
// that, several share one connection.
const maxSessions = 16

// A Store is the ledger of one target. It is safe for concurrent use.
type Store struct {
	target   string
	config   *pgx.ConnConfig
	pool     *pgxpool.Pool
	sessions []*session
	lanes    int // lanes made so far, to spread them over the sessions
}

// Open connects to the database at dsn (a URL or key=value string, as libpq
// takes them) and brings the schema up to date. The ledger lives in the schema
// "relink". target is the API's base URL: part of the identity of every
// relation.
//
// A transaction-pooling proxy is refused where it can be noticed: a lane's
// lock must be held by the connection that writes.
func Open(ctx context.Context, dsn, target string) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("reading the database URL: %w", scrub(err))
	}
	config.MaxConns = 4
	configure(config.ConnConfig)

	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "08P01" {
		// A pooler refuses the settings that a server takes.
		return nil, fmt.Errorf("%w (it said: %s)", errPooler, pg.Message)
	}
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := direct(ctx, conn); err != nil {
		return nil, err
	}
	if err := migrate(ctx, conn); err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	return &Store{target: target, config: config.ConnConfig, pool: pool}, nil
}

// Close gives back every connection, and with them every lock.
func (s *Store) Close() {
	for _, session := range s.sessions {
		session.close()
	}
	s.pool.Close()
}

// Target is the API's base URL that this store is the ledger of.
func (s *Store) Target() string { return s.target }

// configure sets what every connection of ours needs, whatever the role or the
// database have as their defaults. A machine that dies without closing its
// connections is noticed after 5 + 3×3 s, so its locks are free within 15 s. On
// Linux the user timeout decides, for keepalive as well: it counts from the last
// sign of life and is looked at when a probe is due, here after 11 s.
func configure(config *pgx.ConnConfig) {
	for name, value := range map[string]string{
		"application_name":                    "relink",
		"search_path":                         "relink",
		"statement_timeout":                   "0",
		"lock_timeout":                        "0",
		"idle_in_transaction_session_timeout": "0",
		"default_transaction_isolation":       "read committed",
		"default_transaction_read_only":       "off",
		"timezone":                            "UTC",
		"tcp_keepalives_idle":                 "5",
		"tcp_keepalives_interval":             "3",
		"tcp_keepalives_count":                "3",
		"tcp_user_timeout":                    "10000",
	} {
		config.RuntimeParams[name] = value
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 5 * time.Second, Interval: 3 * time.Second, Count: 3,
	}}
	config.DialFunc = dialer.DialContext
}

var errPooler = errors.New("the database is behind a connection pooler: relink's lock on a location is held by its connection, so it needs a direct one; give the server's own host and port in --database-url")

// direct refuses a connection proxy: with one in between, the process id that
// was announced at connection time is not the one of the server process that
// answers.
func direct(ctx context.Context, conn *pgx.Conn) error {
	var pid uint32
	if err := conn.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		return fmt.Errorf("asking the database who answers: %w", err)
	}
	if pid != conn.PgConn().PID() {
		return errPooler
	}
	return nil
}

// lost reports whether err means that the connection or the server is gone,
// as opposed to a statement that the server refused.
func lost(conn *pgx.Conn, err error) bool {
	if conn == nil || conn.IsClosed() {
		return true
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return !errors.Is(err, pgx.ErrNoRows)
	}
	switch {
	case pg.Code[:2] == "08", pg.Code[:2] == "57", pg.Code[:2] == "40", pg.Code == "55P03":
		// Connection exceptions, shutdowns and cancelled statements,
		// deadlocks and lock timeouts: nothing was written, and it may
		// be tried again.
		return true
	}
	return false
}

// gone wraps err in importer.ErrLost where the connection is.
func gone(doing string, conn *pgx.Conn, err error) error {
	if lost(conn, err) {
		return fmt.Errorf("%s: %w: %w", doing, importer.ErrLost, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// scrub drops the text of a DSN error, which may quote the password.
func scrub(err error) error {
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		return errors.New("it is neither a URL such as postgres://user@host:5432/name nor a key=value list")
	}
	return err
}
