package cli

import (
	"context"
	"fmt"

	"relink/checkpoint"
	"relink/checkpoint/local"
)

// A ledger is an open store, and the private Postgres beneath it if there is
// one.
type ledger struct {
	*checkpoint.Store
	server *local.Server
}

// open opens the ledger of a target: the database that was named, or the
// private one of the state folder.
func (p *place) open(ctx context.Context, target string) (*ledger, error) {
	if p.databaseURL != "" {
		store, err := checkpoint.Open(ctx, p.databaseURL, target)
		if err != nil {
			return nil, &failure{err: err, code: 1, next: "check --database-url (or $RELINK_DATABASE_URL, $DATABASE_URL) and that the server is up, then run the same command again"}
		}
		return &ledger{Store: store}, nil
	}
	dir, err := p.dir()
	if err != nil {
		return nil, err
	}
	server, err := local.Start(ctx, dir)
	if err != nil {
		return nil, inStateFolder(fmt.Errorf("starting the private Postgres: %w", err))
	}
	store, err := checkpoint.Open(ctx, server.DSN(), target)
	if err != nil {
		server.Close()
		return nil, err
	}
	return &ledger{Store: store, server: server}, nil
}

func (l *ledger) close() {
	l.Store.Close()
	if l.server != nil {
		// What is durable is durable already; there is nobody to tell.
		_ = l.server.Close()
	}
}
