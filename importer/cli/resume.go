package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relink/checkpoint"
)

func (p *program) resumeCommand() *cobra.Command {
	var s sending
	var only []int64
	cmd := &cobra.Command{
		Use:   "resume",
		Short: "Carry on every unfinished import, without its file",
		Long: `resume sends what imports have left, out of the ledger: the files are not
needed, and any machine that reaches the ledger can do it. Failed rows are left
to relink retry.`,
		Example: `  relink resume --quiet
  relink resume --import 3`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.parse(cmd); err != nil {
				return err
			}
			run, err := p.begin(&s, "resume")
			if err != nil {
				return err
			}
			defer run.close()
			imports, err := run.unfinished(only)
			if err != nil {
				return err
			}
			return run.create(imports)
		},
	}
	cmd.Flags().Int64SliceVar(&only, "import", nil, "only these imports, by their numbers")
	p.completeImports(cmd)
	s.flags(cmd.Flags())
	cmd.Flags().SortFlags = false
	return cmd
}

// unfinished are the imports that have something left to send; those that were
// named are among them in any case.
func (r *run) unfinished(only []int64) ([]checkpoint.Import, error) {
	imports, err := among(r.soft, r.ledger.Store, only)
	if err != nil || len(only) > 0 {
		return imports, err
	}
	if imports, err = left(r, r.ledger.Store, imports); err != nil || len(imports) > 0 {
		return imports, err
	}
	r.screen.Log().Info("every import is finished: there is nothing to resume", "target", r.link.target)
	all, err := r.ledger.Everywhere().Imports(r.soft)
	if err != nil {
		return nil, err
	}
	elsewhere, err := left(r, r.ledger.Store, all)
	if err != nil {
		return nil, err
	}
	for _, target := range targets(elsewhere) {
		r.screen.Log().Info("imports for another target are unfinished", "target", target, "command", "relink resume"+toTarget(target))
	}
	return nil, nil
}

// left are those of the imports that have something left to send.
func left(r *run, store *checkpoint.Store, imports []checkpoint.Import) ([]checkpoint.Import, error) {
	shares, err := store.Shares(r.soft, idsOf(imports))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(imports, func(i checkpoint.Import) bool { return i.Books(shares).Left() == 0 }), nil
}

func targets(imports []checkpoint.Import) (names []string) {
	for _, imported := range imports {
		if !slices.Contains(names, imported.Target) {
			names = append(names, imported.Target)
		}
	}
	slices.SortFunc(names, strings.Compare)
	return names
}
