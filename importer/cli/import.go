package cli

import (
	"github.com/spf13/cobra"
)

func (p *program) importCommand() *cobra.Command {
	var s sending
	var r reading
	var dry bool
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "Load the rows, then create their relations; run it again to resume",
		Long: `import reads CSV files of pairs of record ids, loads each one whole into the
ledger, and creates the relations at the pace the service allows. Whatever ends
it, the same command carries on.

FILE may be - for standard input, and may be compressed with gzip or zstd. The
header names the columns locationId, associationId, firstRecordId and
secondRecordId; --location and --association stand in for a column that the
file does not have.`,
		Example: `  relink import links.csv --sandbox
  RELINK_TOKEN=pit-… relink import links.csv --location ve9EPM428h8vShlRW1KT
  zcat old.csv.gz | relink import - --association 6512… --quiet`,
		Args: someFile,
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := s.parse(cmd); err != nil {
				return err
			}
			if dry {
				c := checking{sending: s}
				if err := c.aim(&r); err != nil {
					return err
				}
				return p.check(&c, files)
			}
			in, err := r.intake()
			if err != nil {
				return err
			}
			// A wrong name is told before a missing token is.
			if err := p.peek(files, in.Options); err != nil {
				return err
			}
			run, err := p.begin(&s, "import")
			if err != nil {
				return err
			}
			defer run.close()
			in.keys = newKeyring(run.link, &s, run.screen.Log())
			imports, err := p.load(p.soft, run.ledger, files, in, run.screen.Log())
			if err != nil {
				return err
			}
			return run.create(imports)
		},
	}
	r.flags(cmd.Flags())
	s.flags(cmd.Flags())
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what is wrong and what the run will cost, as relink check does")
	cmd.Flags().SortFlags = false
	return cmd
}
