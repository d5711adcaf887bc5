package cli

import (
	"fmt"
	"log/slog"
	"os"

	"relink/importer/report"
)

// resolve says what the maps of legacy ids would make of a file that was read,
// and keeps nothing. The maps are joined in Postgres, so it takes a ledger, and
// a file that can be read twice.
func (in *inspection) resolve(p *program, l *ledger, name string) error {
	if in.intake.maps == [2]*idMap{} {
		return nil
	}
	if info, err := os.Stat(name); l == nil || name == "-" || err != nil || !info.Mode().IsRegular() {
		fmt.Fprintf(p.stderr, "relink: %s: how many legacy ids have a record is not known before the load: that takes a ledger, and a file that can be read twice\n",
			report.Clean(name))
		return nil
	}
	r, err := in.intake.open(p, name)
	if err != nil {
		return err
	}
	defer r.Close()
	found, err := l.Resolve(p.soft, in.intake.file(name, r, slog.New(slog.DiscardHandler)), in.intake.lines(p.soft, r))
	if err != nil {
		return err
	}
	in.check.Files[len(in.check.Files)-1].Mapped = &report.Mapped{
		Resolved: found.Resolved, Unmapped: found.Unmapped, Ambiguous: found.Ambiguous,
	}
	return nil
}
