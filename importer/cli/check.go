package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"relink/checkpoint"
	"relink/importer/leadconnector"
	"relink/importer/pace"
	"relink/importer/report"
	"relink/importer/source"
)

// How many lines of each list check shows: to people, in JSON, and with --list.
const (
	mostShown  = 20
	mostInJSON = 1000
	mostListed = 1_000_000
)

// checking is what a check goes by: the settings of the run that it foresees.
type checking struct {
	sending
	target string
	intake *intake
	list   bool
}

func (p *program) checkCommand() *cobra.Command {
	var c checking
	var r reading
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Read every row, say what is wrong and what the run will cost; calls nothing",
		Long: `check reads files as import would and calls nothing: rejected rows with line and
reason, pairs that are repeated or stand there both ways round, ids that look
wrong, what the ledger knows of these pairs already, and how long sending will
take. It makes no ledger where there is none. relink import --dry-run does the
same.

It exits with 0, with 3 when rows are rejected, and with 2 when a file cannot be
read at all.`,
		Example: `  relink check links.csv
  relink check links.csv --json | jq .rejected_lines`,
		Args: someFile,
		RunE: func(cmd *cobra.Command, files []string) (err error) {
			if err = c.prepare(cmd, &r); err != nil {
				return err
			}
			return p.check(&c, files)
		},
	}
	flags := cmd.Flags()
	r.flags(flags)
	c.place.flags(flags)
	flags.StringVar(&c.service.apiURL, "api-url", liveURL, "the service that the rows are meant for")
	env(flags, "api-url", "RELINK_API_URL")
	flags.BoolVar(&c.service.inside, "sandbox", false, "the rows are meant for the stand-in")
	flags.StringVar(&c.rateText, "rate", "100/10s", "calls allowed in an interval, for the forecast; 0: no limit")
	env(flags, "rate", "RELINK_RATE")
	flags.IntVar(&c.dailyReserve, "daily-reserve", 0, "calls of the day's quota to leave to others, for the forecast")
	env(flags, "daily-reserve", "RELINK_DAILY_RESERVE")
	flags.IntVar(&c.dailyLimit, "daily-limit", 200_000, "calls a day, where the service does not tell")
	flags.BoolVar(&c.output.json, "json", false, "as one JSON object")
	flags.BoolVar(&c.list, "list", false, "every line of each list, up to a million, in place of the first ones")
	flags.SortFlags = false
	return cmd
}

// prepare reads the environment and checks the flags.
func (c *checking) prepare(cmd *cobra.Command, r *reading) (err error) {
	if err = fromEnvironment(cmd); err != nil {
		return err
	}
	if c.rate, err = pace.ParseRate(c.rateText); err != nil {
		return usage(fmt.Errorf("%s: %w", named(cmd, "rate"), err), "give one such as 100/10s, or 0")
	}
	return c.aim(r)
}

// aim finds the target, and how the files are read.
func (c *checking) aim(r *reading) (err error) {
	if c.target, err = c.service.name(); err != nil {
		return err
	}
	c.intake, err = r.intake()
	return err
}

// name is the ledger's name of the service.
func (s *service) name() (string, error) {
	if s.inside {
		return insideTarget, nil
	}
	base, err := leadconnector.ParseBase(s.apiURL)
	if err != nil {
		return "", usage(err, "give the address with --api-url or $RELINK_API_URL")
	}
	return base.String(), nil
}

func (p *program) check(c *checking, names []string) error {
	if err := p.peek(names, c.intake.Options); err != nil {
		return err
	}
	in := &inspection{checking: c, most: mostShown, places: map[string]int{}}
	switch {
	case c.list:
		in.most = mostListed
	case c.output.json:
		in.most = mostInJSON
	}
	var err error
	if in.pairs, err = source.NewPairs(in.most); err != nil {
		return err
	}
	defer in.pairs.Close()
	l := p.consult(c)
	if l != nil {
		defer l.close()
	}
	// Legacy ids and keys are translated on the way into the ledger, not here.
	if l != nil && c.intake.maps == [2]*idMap{} && !c.intake.key {
		if in.known, err = l.Known(p.soft); err != nil {
			return err
		}
		defer in.known.Close()
	}
	for file, name := range names {
		if err := in.read(p, l, file, name); err != nil {
			return err
		}
		if err := in.resolve(p, l, name); err != nil {
			return err
		}
	}
	if err := in.count(p.soft, l); err != nil {
		return err
	}
	p.exit = in.check.Exit()
	text := []byte(in.check.Text(report.Width(p.stdout), in.most))
	if c.output.json {
		if text, err = in.check.JSON(); err != nil {
			return fmt.Errorf("writing the check: %w", err)
		}
	}
	if _, err := p.stdout.Write(text); err != nil {
		return fmt.Errorf("writing the check: %w", err)
	}
	return nil
}

// consult opens the ledger, if there is one. A check is useful without it, so
// one that does not answer is only told of.
func (p *program) consult(c *checking) *ledger {
	l, err := c.place.look(p.soft, c.target)
	if err == nil {
		return l
	}
	if !errors.Is(err, checkpoint.ErrNoLedger) {
		fmt.Fprintf(p.stderr, "relink: the ledger was not asked what it knows: %s\n", report.Clean(err.Error()))
	}
	return nil
}
