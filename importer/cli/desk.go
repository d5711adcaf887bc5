package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relink/checkpoint"
	"relink/checkpoint/local"
	"relink/importer/leadconnector"
)

// look opens the ledger that is there and makes none; an empty target means all
// of them. checkpoint.ErrNoLedger says that there is none.
func (p *place) look(ctx context.Context, target string) (*ledger, error) {
	if p.databaseURL != "" {
		store, err := checkpoint.OpenExisting(ctx, p.databaseURL, target)
		if err != nil {
			return nil, err
		}
		return &ledger{Store: store}, nil
	}
	dir, err := p.dir()
	if err != nil {
		return nil, err
	}
	if !local.Exists(dir) {
		return nil, checkpoint.ErrNoLedger
	}
	server, err := local.Start(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("starting the private Postgres: %w", err)
	}
	store, err := checkpoint.OpenExisting(ctx, server.DSN(), target)
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return &ledger{Store: store, server: server}, nil
}

// desk opens the ledger for a command that shows what is in it.
func (p *program) desk(cmd *cobra.Command, at *place) (*ledger, error) {
	if err := fromEnvironment(cmd); err != nil {
		return nil, err
	}
	l, err := at.look(p.soft, "")
	var told *failure
	switch {
	case errors.As(err, &told):
		return nil, err
	case errors.Is(err, checkpoint.ErrNoLedger):
		return nil, &failure{err: err, code: 1, next: "the first import makes it: relink import FILE\nor name the one you mean with --database-url or --state-dir"}
	case err != nil:
		return nil, &failure{err: err, code: 1, next: "check --database-url (or $RELINK_DATABASE_URL, $DATABASE_URL) and that the server is up, then run the same command again"}
	}
	return l, nil
}

// among returns the imports with these ids, or all of them.
func among(ctx context.Context, store *checkpoint.Store, ids []int64) ([]checkpoint.Import, error) {
	imports, err := store.Imports(ctx, ids...)
	if err != nil {
		return nil, err
	}
	there := map[int64]bool{}
	for _, imported := range imports {
		there[imported.ID] = true
	}
	for _, id := range ids {
		if there[id] {
			continue
		}
		elsewhere, err := store.Everywhere().Imports(ctx, id)
		if err != nil {
			return nil, err
		}
		if len(elsewhere) > 0 {
			return nil, usage(fmt.Errorf("import %d is for %s, not for %s", id, elsewhere[0].Target, store.Target()),
				"add to the command:"+toTarget(elsewhere[0].Target))
		}
		return nil, usage(fmt.Errorf("there is no import %d", id), "relink status lists the imports")
	}
	return imports, nil
}

// toTarget is the flag that leads to a target, with a space before it.
func toTarget(target string) string {
	live := liveURL
	if base, err := leadconnector.ParseBase(liveURL); err == nil {
		live = base.String()
	}
	switch target {
	case live:
		return ""
	case insideTarget:
		return " --sandbox"
	}
	return " --api-url " + shellWord(target)
}

// given are the flags on the ledger's place that a command was called with,
// with a space before them: the next command needs them too. A URL may hold a
// password, so it is not repeated.
func (p *place) given(cmd *cobra.Command) string {
	text := ""
	if cmd.Flags().Changed("state-dir") && named(cmd, "state-dir") == "--state-dir" {
		text += " --state-dir " + shellWord(p.stateDir)
	}
	if cmd.Flags().Changed("database-url") && named(cmd, "database-url") == "--database-url" {
		text += " --database-url URL"
	}
	return text
}

// shellWord quotes a word for a shell where it needs that.
func shellWord(s string) string {
	const harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+"
	if s != "" && strings.Trim(s, harmless) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
