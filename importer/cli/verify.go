package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/report"
)

func (p *program) verifyCommand() *cobra.Command {
	var s sending
	var imported, sample int64
	var all, requeue bool
	cmd := &cobra.Command{
		Use:   "verify [--import N] [--sample N | --all]",
		Short: "Compare the ledger with the service",
		Long: `verify asks the service whether the pairs that the ledger calls created or
existing are there: a random sample of 1,000, or --all. One read serves all
pairs with the same first record. Reads are paced and counted like any other
call; --daily-reserve leaves some of the day's quota to others. Lists lag behind
writes, so a pair is missing only when three looks, some seconds apart, did not
find it. Whatever ends it, the same command carries on.

--requeue sets what is missing pending; relink resume then sends it again.
Relation ids that an unclear answer lost are filled in, so that relink undo need
not look them up. It exits with 0 if every pair is there, with 3 if not.`,
		Example: `  relink verify
  relink verify --import 3 --all --daily-reserve 50000
  relink verify --all --requeue`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case all && cmd.Flags().Changed("sample"):
				return usage(errors.New("--sample and --all exclude each other"), "give one of them")
			case sample <= 0:
				return usage(fmt.Errorf("--sample %d is too small", sample), "give how many pairs to ask for, or --all")
			case imported < 0:
				return usage(fmt.Errorf("--import %d is no import", imported), "relink status lists them")
			case all:
				sample = 0
			}
			if err := s.parse(cmd); err != nil {
				return err
			}
			r, err := p.begin(&s, "verify")
			if err != nil {
				return err
			}
			defer r.close()
			return r.verify(imported, sample, requeue)
		},
	}
	cmd.Flags().Int64Var(&imported, "import", 0, "only the pairs of this import")
	cmd.Flags().Int64Var(&sample, "sample", 1000, "so many pairs, picked at random")
	cmd.Flags().BoolVar(&all, "all", false, "every pair")
	cmd.Flags().BoolVar(&requeue, "requeue", false, "set missing pairs pending, for relink resume to send again")
	s.flags(cmd.Flags())
	cmd.Flags().SortFlags = false
	return cmd
}

func (r *run) verify(imported, sample int64, requeue bool) error {
	var imports []int64
	if imported > 0 {
		found, err := r.ledger.Imports(r.soft, imported)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return usage(fmt.Errorf("there is no import %d at %s", imported, r.link.target), "relink status lists them; give the --api-url, or --sandbox, that it was made with")
		}
		imports = []int64{imported}
	}
	errand, err := r.ledger.Verifying(r.soft, imported, sample)
	if err != nil {
		return err
	}
	found, err := errand.Found(r.soft)
	if err != nil {
		return err
	}
	asked := found[""] + found[checkpoint.Present] + found[checkpoint.Missing] + found[checkpoint.Unknown]
	switch {
	case errand.Old:
		r.screen.Log().Info("carrying on the verify that was begun before", "begun", errand.Begun.Format(time.DateTime),
			"pairs", asked, "left", found[""])
	case asked > 0:
		r.screen.Log().Info("verifying", "pairs", asked)
	}
	all, err := r.stretches(errand)
	if err != nil {
		return err
	}
	var record *checkpoint.Run
	if found[""] > 0 {
		settings := r.s.settings()
		settings["sample"], settings["requeue"] = sample, requeue
		if record, err = r.ledger.Start(r.soft, r.command, imports, settings); err != nil {
			return err
		}
		if err := r.look(record, errand, all, false); err != nil {
			return err
		}
	}
	return r.verified(record, errand, all, asked, requeue)
}

// verified says what was found. record is nil when nothing was to be asked.
func (r *run) verified(record *checkpoint.Run, errand *checkpoint.Errand, all []*lane, asked int64, requeue bool) error {
	ctx, cancel := context.WithTimeout(r.hard, 30*time.Second)
	defer cancel()
	found, err := errand.Found(ctx)
	if err != nil {
		return err
	}
	v := report.Verified{
		Summary: report.Summary{Command: r.command, Target: r.link.target, Requests: counts(all), Took: time.Since(r.began)},
		Asked:   asked, Present: found[checkpoint.Present], Missing: found[checkpoint.Missing],
		Unknown: found[checkpoint.Unknown], Left: found[""],
	}
	if v.Examples, err = errand.Pairs(ctx, checkpoint.Missing, mostNamed); err != nil {
		return err
	}
	r.ends(&v.Summary, all)
	if v.Left > 0 {
		v.Exit = importer.WorseExit(v.Exit, 4)
	} else if v.Missing+v.Unknown > 0 {
		v.Exit = importer.WorseExit(v.Exit, 3)
	}
	if requeue && v.Left == 0 {
		if v.Requeued, err = errand.Requeue(ctx); err != nil {
			return err
		}
	}
	if record != nil {
		v.Run = record.ID
		// A verify makes nothing: its outcomes are not kept as such.
		done := importer.Counts{Sent: v.Requests.Sent, Throttled: v.Requests.Throttled, Retried: v.Requests.Retried}
		if err := record.End(ctx, done, v.Stopped, v.Exit); err != nil {
			return err
		}
	}
	if v.Left == 0 {
		if err := errand.End(ctx); err != nil {
			return err
		}
	}
	r.exit = v.Exit
	return r.answer(v)
}
