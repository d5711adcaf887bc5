package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/pace"
	"relink/importer/report"
)

// A run is one execution of a sending command, from its plan to its summary.
type run struct {
	*program
	s       *sending
	command string
	began   time.Time
	ledger  *ledger
	link    *link
	screen  *report.Screen
	aside   int64 // pairs that the imports have left and that are not this run's to send
}

// begin opens the way to the service, the ledger and the screen.
func (p *program) begin(s *sending, command string) (*run, error) {
	dir, err := s.place.dir()
	if err != nil {
		return nil, err
	}
	r := &run{program: p, s: s, command: command, began: time.Now()}
	if r.link, err = s.service.open(p.hard, dir, 512); err != nil {
		return nil, err
	}
	if r.ledger, err = s.place.open(p.soft, r.link.target); err != nil {
		r.link.close()
		return nil, err
	}
	r.screen = report.NewScreen(p.stderr, s.output.report())
	return r, nil
}

func (r *run) close() {
	r.screen.Close()
	r.link.close()
	r.ledger.close()
}

// A lane is one location of a run, and what the run knows of it.
type lane struct {
	id       int64
	location string
	left     int64 // pairs to be sent
	parts    []checkpoint.Part
	pacer    *pace.Lane
	follower *follower // the pacer, as the engine sees it
	recorded int64     // calls as of the last record of its allowance
	tally    importer.Tally
	told     importer.Counts // what the ledger's pulse has
	end      importer.End
}

// lanes are the locations in which these imports have something left.
func lanes(shares []checkpoint.Share) []*lane {
	var all []*lane
	byID := map[int64]*lane{}
	for _, share := range shares {
		if share.State != importer.Pending && share.State != importer.Sending {
			continue
		}
		l := byID[share.Lane]
		if l == nil {
			l = &lane{id: share.Lane, location: share.Location}
			byID[share.Lane] = l
			all = append(all, l)
		}
		l.left += share.Pairs
		after := share.Line - 1
		if n := len(l.parts); n > 0 && l.parts[n-1].Import == share.Import {
			l.parts[n-1].After = min(l.parts[n-1].After, after)
		} else {
			l.parts = append(l.parts, checkpoint.Part{Import: share.Import, After: after})
		}
	}
	return all
}

func idsOf(imports []checkpoint.Import) []int64 {
	ids := make([]int64, len(imports))
	for i, imported := range imports {
		ids[i] = imported.ID
	}
	return ids
}

// create sends what the imports have left, and reports.
func (r *run) create(imports []checkpoint.Import) error {
	shares, err := r.ledger.Shares(r.soft, idsOf(imports))
	if err != nil {
		return err
	}
	all := lanes(shares)
	plan, err := r.plan(imports, shares, all)
	if err != nil {
		return err
	}
	r.screen.Plan(plan)
	if len(all) == 0 {
		return r.finish(imports, nil, nil)
	}
	record, err := r.ledger.Start(r.soft, r.command, idsOf(imports), r.s.settings())
	if err != nil {
		return err
	}
	scope := checkpoint.Scope{Operation: checkpoint.Create, Run: record.ID}
	r.drain(record, all, r.creating(scope))
	return r.finish(imports, all, record)
}

// creating prepares lanes that create the relations of their parts of scope.
func (r *run) creating(scope checkpoint.Scope) func(*lane) (*importer.Lane, error) {
	return func(l *lane) (*importer.Lane, error) {
		client, err := r.link.client(l.location)
		if err != nil {
			return nil, err
		}
		scope.Parts = l.parts
		return &importer.Lane{
			Ledger: r.ledger.Lane(l.id, l.location, scope), Sender: creator{client}, Looker: creator{client}, Success: importer.Created,
		}, nil
	}
}

// drain runs the engine over the lanes that work prepares; one whose location
// has no credential stops before it starts. Lanes that stop because the hours of
// sending end go on when these begin again, if that is wanted.
func (r *run) drain(record *checkpoint.Run, all []*lane, work func(*lane) (*importer.Lane, error)) {
	soft, stop := r.deadline()
	defer stop()
	spent, err := r.ledger.SpentToday(r.soft)
	if err != nil {
		r.screen.Log().Warn("counting the day's calls", "error", err)
	}
	for _, l := range all {
		if l.pacer == nil { // undo and verify drain more than once, at one pace
			l.pacer = pace.New(pace.Config{
				Rate: r.s.rate, DailyReserve: r.s.dailyReserve, DailyLimit: r.s.dailyLimit,
				SpentToday: int(spent[l.id]), WaitForQuota: r.s.waitForQuota,
			})
			l.follower = &follower{Lane: l.pacer, id: l.id, ledger: r.ledger, log: r.screen.Log()}
		}
	}
	engines, at := r.engines(all, work)
	total := int64(0)
	for _, l := range at {
		total += l.left
	}
	recorded, beat := r.record(at), r.beat(record, at)
	hide := r.screen.Progress(r.hard, total, func() report.Snapshot { return r.snapshot(at) })
	for now := at; len(now) > 0; {
		r.s.hours.begin(soft)
		open, close := r.s.hours.during(soft)
		for i, end := range importer.Run(r.hard, open, engines) {
			now[i].end = end
		}
		close()
		engines, now = nil, nil
		if r.s.hours.wait {
			engines, now = r.engines(stoppedFor(at, importer.StopWindow), work)
		}
	}
	hide()
	recorded()
	beat()
	for _, l := range at {
		if l.end.Stop == importer.StopDailyQuota {
			l.end.Detail = quotaSpent(l.pacer, r.s)
		}
	}
}

// engines prepares lanes, and leaves out those that have no credential.
func (r *run) engines(all []*lane, work func(*lane) (*importer.Lane, error)) (engines []*importer.Lane, at []*lane) {
	for _, l := range all {
		engine, err := work(l)
		if err != nil {
			l.end = importer.End{Location: l.location, Stop: importer.StopCredentials, Detail: err.Error(), Err: err}
			r.ended(l.end)
			continue
		}
		engine.Location, engine.Pacer, engine.Tally = l.location, l.follower, &l.tally
		engine.Limits, engine.Log, engine.Ended = r.s.limits(len(all)), r.screen.Log(), r.ended
		engines, at = append(engines, engine), append(at, l)
	}
	return engines, at
}

func stoppedFor(all []*lane, stop importer.Stop) (some []*lane) {
	for _, l := range all {
		if l.end.Stop == stop {
			some = append(some, l)
		}
	}
	return some
}

// beat keeps the ledger's record of the run alive until it is called.
func (r *run) beat(record *checkpoint.Run, at []*lane) (stop func()) {
	ctx, cancel := context.WithCancel(r.hard)
	tell := func(ctx context.Context) {
		ctx, done := context.WithTimeout(ctx, 10*time.Second)
		defer done()
		// What cannot be recorded now is recorded at the next beat.
		if err := record.Beat(ctx, counts(at)); err != nil {
			r.screen.Log().Debug("recording progress", "error", err)
			return
		}
		for _, l := range at {
			now := l.tally.Counts()
			if now != l.told && record.Pulse(ctx, l.id, now.Less(l.told)) == nil {
				l.told = now
			}
		}
	}
	var beating sync.WaitGroup
	beating.Go(func() {
		tick := time.NewTicker(10 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				tell(ctx)
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		cancel()
		beating.Wait()
		tell(r.hard)
	}
}

func counts(all []*lane) (sum importer.Counts) {
	for _, l := range all {
		sum = sum.Add(l.tally.Counts())
	}
	return sum
}

// snapshot is how the lanes stand now.
func (r *run) snapshot(all []*lane) report.Snapshot {
	s := report.Snapshot{Counts: counts(all), Allowance: -1}
	share, limited, spent, held := 0.0, 0, 0, time.Time{}
	for _, l := range all {
		stats := l.pacer.Stats()
		if stats.Window.Max > 0 {
			share += stats.Share
			limited++
		}
		if stats.HasDaily && stats.DailyRemaining == 0 {
			spent++
		}
		if stats.HeldUntil.After(held) {
			held = stats.HeldUntil
		}
	}
	if limited > 0 {
		s.Allowance = share / float64(limited)
	}
	if !held.IsZero() {
		s.Waits = append(s.Waits, fmt.Sprintf("held by 429 until %s", held.Format(time.TimeOnly)))
	}
	if spent > 0 {
		s.Waits = append(s.Waits, fmt.Sprintf("day's quota spent for %s", report.Count(int64(spent), "location", "locations")))
	}
	if closed := r.s.hours.closed(time.Now()); closed != "" {
		s.Waits = append(s.Waits, closed)
	}
	return s
}

// deadline is the soft context of a run, which --max-duration ends.
func (r *run) deadline() (context.Context, func()) {
	soft, stop := context.WithCancelCause(r.soft)
	var timers []*time.Timer
	if d := r.s.maxDuration; d > 0 {
		timers = append(timers, time.AfterFunc(d-time.Since(r.began), func() { stop(importer.StopMaxDuration) }))
	}
	return soft, func() {
		for _, t := range timers {
			t.Stop()
		}
		stop(nil)
	}
}
