package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/report"
)

// mostNamed is how many pairs are named one by one.
const mostNamed = 20

func (p *program) undoCommand() *cobra.Command {
	var s sending
	var run int64
	var dry, yes, uncertain bool
	cmd := &cobra.Command{
		Use:   "undo --run N",
		Short: "Delete the relations that a run created, and nothing else",
		Long: `undo deletes at the service what one run created there: never what existed
before it, and what another run created only by undoing that one. It is a run of
its own, paced and recorded; whatever ends it, the same command carries on.

A relation of uncertain origin (an unclear answer came first, then the service
said that the pair is there) may be somebody else's. It stays, and is named;
--include-uncertain deletes it too. A relation that is not there any more counts
as undone. One whose own id the service never told is looked up first.

Pairs undone are not sent again by running the same import again: a cron job
would undo the undo. A file of other content that names them makes them pending.`,
		Example: `  relink undo --run 12 --dry-run
  relink undo --run 12 --yes --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run <= 0 {
				return usage(errors.New("--run is missing"), "relink status lists the runs")
			}
			if err := s.parse(cmd); err != nil {
				return err
			}
			r, err := p.begin(&s, "undo")
			if err != nil {
				return err
			}
			defer r.close()
			return r.undo(run, uncertain, dry, yes)
		},
	}
	cmd.Flags().Int64Var(&run, "run", 0, "the run whose relations are to be deleted")
	p.completeRuns(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be deleted, and delete nothing")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask; needed where there is no terminal")
	cmd.Flags().BoolVar(&uncertain, "include-uncertain", false, "delete relations of uncertain origin as well")
	s.flags(cmd.Flags())
	cmd.Flags().SortFlags = false
	return cmd
}

// undo says what is to go, asks, and deletes it.
func (r *run) undo(id int64, uncertain, dry, yes bool) error {
	source, err := r.ledger.Past(r.soft, id)
	if err != nil {
		return err
	}
	if source == nil {
		return usage(fmt.Errorf("there is no run %d at %s", id, r.link.target), "relink status lists the runs; give the --api-url, or --sandbox, that it ran with")
	}
	if source.Command == "undo" || source.Command == "verify" {
		return usage(fmt.Errorf("run %d was relink %s: it created nothing", id, source.Command), "relink status lists the runs")
	}
	made, err := r.ledger.Made(r.soft, id)
	if err != nil {
		return err
	}
	plan := report.Undo{
		Run: id, Target: r.link.target, Created: made.Created, Uncertain: made.Uncertain, Include: uncertain,
		Before: made.Undone, Existing: made.Existing, Sending: made.Sending,
	}
	if plan.Examples, err = r.ledger.Uncertain(r.soft, id, mostNamed); err != nil {
		return err
	}
	if dry {
		return r.answer(plan)
	}
	if !r.s.output.quiet {
		r.screen.Print(plan.Text(r.screen.Width()))
	}
	if err := r.consent(plan, yes); err != nil {
		return err
	}
	return r.delete(source, plan)
}

// consent asks before anything is deleted.
func (r *run) consent(plan report.Undo, yes bool) error {
	if yes || plan.ToDelete() == 0 {
		return nil
	}
	refused := usage(errors.New("nothing is deleted without being asked for"), "look with --dry-run, then add --yes")
	if in, ok := r.stdin.(*os.File); !ok || !report.IsTerminal(in) {
		return refused
	}
	r.screen.Print(fmt.Sprintf("Delete %s? Type yes: ", report.Count(plan.ToDelete(), "relation", "relations")))
	answer := make(chan string, 1)
	go func() { // ends with the process, if nobody answers
		line, _ := bufio.NewReader(r.stdin).ReadString('\n')
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-r.soft.Done():
		return &failure{err: errors.New("stopped before anything was deleted"), code: importer.StopSignal.Exit()}
	case text := <-answer:
		if !strings.EqualFold(text, "yes") {
			return refused
		}
		return nil
	}
}

// delete is the undo's own run: it looks up ids that are not known, then
// deletes.
func (r *run) delete(source *checkpoint.Past, plan report.Undo) error {
	settings := r.s.settings()
	settings["undo"], settings["include_uncertain"] = plan.Run, plan.Include
	record, err := r.ledger.Start(r.soft, r.command, source.Imports, settings)
	if err != nil {
		return err
	}
	errand, err := r.ledger.Undoing(r.soft, plan.Run, plan.Include)
	if err != nil {
		return err
	}
	if errand.Old {
		r.screen.Log().Info("carrying on the undo that was begun before", "begun", errand.Begun.Format(time.DateTime))
	}
	all, err := r.stretches(errand)
	if err != nil {
		return err
	}
	if err := r.look(record, errand, all, true); err != nil {
		return err
	}
	looked := counts(all)
	d := &deleter{}
	scope := checkpoint.Scope{Operation: checkpoint.Delete, Run: record.ID, Undo: plan.Run, Errand: errand.ID}
	work, err := r.created(errand, all)
	if err != nil {
		return err
	}
	r.drain(record, work, func(l *lane) (*importer.Lane, error) {
		client, err := r.link.client(l.location)
		if err != nil {
			return nil, err
		}
		return &importer.Lane{
			Ledger: r.ledger.Lane(l.id, l.location, scope), Sender: d.of(client), Success: importer.Undone,
		}, nil
	})
	return r.undone(record, errand, source, plan, all, looked, d.gone.Load())
}

// stretches are the lanes of an errand.
func (r *run) stretches(errand *checkpoint.Errand) ([]*lane, error) {
	stretches, err := errand.Stretches(r.soft)
	if err != nil {
		return nil, err
	}
	var all []*lane
	for _, s := range stretches {
		all = append(all, &lane{id: s.Lane, location: s.Location, left: s.Created})
	}
	return all, nil
}

// created are the lanes that have something to be deleted and have not stopped.
func (r *run) created(errand *checkpoint.Errand, all []*lane) ([]*lane, error) {
	stretches, err := errand.Stretches(r.hard)
	if err != nil {
		return nil, err
	}
	var work []*lane
	for i, s := range stretches {
		if l := all[i]; s.Created > 0 && l.end.Stop == importer.StopNone {
			l.left = s.Created + l.tally.Counts().Done()
			work = append(work, l)
		}
	}
	return work, nil
}

// undone records how the undo ended and says so.
func (r *run) undone(record *checkpoint.Run, errand *checkpoint.Errand, source *checkpoint.Past, plan report.Undo, all []*lane, looked importer.Counts, gone int64) error {
	ctx, cancel := context.WithTimeout(r.hard, 30*time.Second)
	defer cancel()
	// The lookups count as calls, not as outcomes.
	done := counts(all)
	done.Existing, done.Failed = 0, done.Failed-looked.Failed
	made, err := r.ledger.Made(ctx, plan.Run)
	if err != nil {
		return err
	}
	left := made.Created
	if plan.Include {
		left += made.Uncertain
	}
	nameless, err := errand.Nameless(ctx)
	if err != nil {
		return err
	}
	u := report.Undone{
		Undo: plan, Deleted: made.Undone - plan.Before, Gone: gone, Failed: min(done.Failed, left), Nameless: nameless,
		Summary: report.Summary{Command: r.command, Target: r.link.target, Run: record.ID, Requests: done, Took: time.Since(r.began)},
	}
	u.Left = max(0, left-u.Failed-u.Nameless)
	r.ends(&u.Summary, all)
	if u.Left > 0 && u.Exit == 0 {
		u.Exit = 4
	}
	if u.Failed+u.Nameless > 0 {
		u.Exit = importer.WorseExit(u.Exit, 3)
	}
	if len(source.Imports) > 0 {
		imports, err := r.ledger.Imports(ctx, source.Imports...)
		if err != nil {
			return err
		}
		shares, err := r.ledger.Shares(ctx, source.Imports)
		if err != nil {
			return err
		}
		u.Files = files(imports, shares)
	}
	if err := record.End(ctx, done, u.Stopped, u.Exit); err != nil {
		return err
	}
	if u.Left == 0 {
		if err := errand.End(ctx); err != nil {
			return err
		}
	}
	r.exit = u.Exit
	return r.answer(u)
}

// ends tells the summary how its lanes ended.
func (r *run) ends(s *report.Summary, all []*lane) {
	var messages []string
	for _, l := range all {
		location := report.Location{Location: l.location, Stopped: l.end.Stop, Message: message(l.end), Counts: l.tally.Counts()}
		if l.pacer != nil {
			location.Held = l.pacer.Stats().Held
			s.Held += location.Held
		}
		s.Locations = append(s.Locations, location)
		if code := l.end.Stop.Exit(); importer.WorseExit(s.Exit, code) != s.Exit {
			s.Exit, s.Stopped = code, l.end.Stop
		}
		if l.end.Detail != "" {
			messages = append(messages, fmt.Sprintf("location %s: %s", l.location, message(l.end)))
		}
	}
	if s.Stopped == importer.StopNone && r.soft.Err() != nil {
		s.Stopped, s.Exit = importer.StopSignal, importer.WorseExit(s.Exit, importer.StopSignal.Exit())
	}
	s.Message = strings.Join(messages, "\n")
}

// An answerable is what a command answers, in words or as JSON.
type answerable interface {
	Text(width int) string
	JSON() ([]byte, error)
}

// answer prints it on standard output.
func (r *run) answer(a answerable) error {
	text := []byte(a.Text(report.Width(r.stdout)))
	if r.s.output.json {
		var err error
		if text, err = a.JSON(); err != nil {
			return fmt.Errorf("writing the answer: %w", err)
		}
	}
	if _, err := r.stdout.Write(text); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}
