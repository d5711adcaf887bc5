package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"relink/importer"
)

// A Status is what the ledger holds: imports, and the runs that worked on them.
type Status struct {
	At      time.Time
	Imports []ImportStatus // unfinished ones first
	Runs    []RunStatus    // the latest first
	Full    bool           // of one import: every next step of a run
}

// An ImportStatus is one import and its books.
type ImportStatus struct {
	File
	Target   string
	LoadedAt time.Time
}

// Share is how much of the import has an outcome, 0 to 1.
func (i ImportStatus) Share() float64 {
	if i.Books.Distinct == 0 {
		return 1
	}
	return float64(i.Books.Distinct-i.Books.Left()) / float64(i.Books.Distinct)
}

// A RunStatus is one run.
type RunStatus struct {
	Run       int64
	Command   string
	Target    string
	Imports   []int64
	Host      string
	PID       int
	StartedAt time.Time
	SeenAt    time.Time
	EndedAt   time.Time // zero: it is running, or was killed
	Running   bool
	Stopped   importer.Stop
	Exit      int
	Counts    importer.Counts
	Pace      float64  // rows a second, while it is running
	Left      int64    // of its imports
	Next      []string // commands that make sense now
}

// state is how the run stands, in a few words.
func (r RunStatus) state() string {
	switch {
	case r.Running:
		return "running"
	case r.EndedAt.IsZero():
		return "killed"
	}
	return briefly[r.Stopped]
}

// count is one of the run's counts. Of a killed run they are those it last told
// of, seconds before its end: it did at least so much.
func (r RunStatus) count(n int64) string {
	if n > 0 && r.state() == "killed" {
		return Number(n) + "+"
	}
	return Number(n)
}

// Finish is when a running run will be done at its pace; zero when unknown.
func (r RunStatus) Finish() time.Time {
	if !r.Running || r.Pace <= 0 {
		return time.Time{}
	}
	return r.SeenAt.Add(time.Duration(float64(r.Left) / r.Pace * float64(time.Second)))
}

// Text is the status in words.
func (s Status) Text(width int) string {
	if len(s.Imports) == 0 && len(s.Runs) == 0 {
		return "The ledger is empty.\n"
	}
	var b strings.Builder
	for _, r := range s.Runs {
		if r.Running {
			b.WriteString(wrap(r.now(s.At), width))
		}
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	b.WriteString(s.imports(width).Text(width))
	if len(s.Runs) > 0 {
		b.WriteString("\n" + s.runs(width).Text(width))
	}
	if next := s.latest(); narrow(width) && !s.Full && next != "" {
		fmt.Fprintf(&b, "\nnext: %s\n", Clean(next))
	}
	if s.Full {
		for _, r := range s.Runs {
			for i, next := range r.Next {
				if i == 0 {
					fmt.Fprintf(&b, "\nafter run %d:\n", r.Run)
				}
				fmt.Fprintf(&b, "  %s\n", Clean(next))
			}
		}
	}
	return b.String()
}

// now tells of a run that is going on.
func (r RunStatus) now(at time.Time) string {
	text := fmt.Sprintf("Run %d (%s) is running on %s, pid %d, for %s", r.Run, Clean(r.Command), Clean(r.Host), r.PID,
		Duration(at.Sub(r.StartedAt)))
	if r.Pace > 0 {
		text += fmt.Sprintf(": %s, %s left", Rate(r.Pace), Number(r.Left))
	}
	if finish := r.Finish(); !finish.IsZero() && r.Left > 0 {
		text += fmt.Sprintf(", done about %s (in %s)", moment(finish, at), Duration(finish.Sub(at)))
	}
	return text
}

// narrow says that a line has no room for everything; 0 is no bound.
func narrow(width int) bool { return width > 0 && width < 130 }

// latest is what to run after the latest run that leaves something to do.
func (s Status) latest() string {
	for _, r := range s.Runs {
		if len(r.Next) > 0 {
			return r.Next[0]
		}
	}
	return ""
}

func (s Status) imports(width int) *Table {
	targets := map[string]bool{}
	for _, i := range s.Imports {
		targets[i.Target] = true
	}
	t := &Table{Columns: []Column{
		{Name: "import", Right: true}, {Name: "file"}, {Name: "done", Right: true}, {Name: "rows", Right: true},
		{Name: "in place", Right: true}, {Name: "failed", Right: true}, {Name: "left", Right: true},
	}}
	undone := false
	for _, i := range s.Imports {
		undone = undone || i.Books.Undone > 0
	}
	if undone {
		t.Columns = append(t.Columns, Column{Name: "undone", Right: true})
	}
	if width == 0 || width >= 80 {
		t.Columns = append(t.Columns, Column{Name: "repeated", Right: true}, Column{Name: "rejected", Right: true})
	}
	if len(targets) > 1 && !narrow(width) {
		t.Columns = append(t.Columns, Column{Name: "target"})
	}
	for _, i := range s.Imports {
		k := i.Books
		cells := []string{Number(i.Import), i.Name, Percent(i.Share()), Number(k.Rows), Number(k.Created + k.Existing), Number(k.Failed),
			Number(k.Left())}
		if undone {
			cells = append(cells, Number(k.Undone))
		}
		if width == 0 || width >= 80 {
			cells = append(cells, Number(k.Repeated), Number(k.Rejected))
		}
		t.Add(append(cells, i.Target)...)
	}
	return t
}

func (s Status) runs(width int) *Table {
	t := &Table{Columns: []Column{
		{Name: "run", Right: true}, {Name: "command"}, {Name: "started"}, {Name: "took", Right: true}, {Name: "how it ended"},
		{Name: "created", Right: true}, {Name: "failed", Right: true},
	}}
	undone := false
	for _, r := range s.Runs { // below 80 there is no room: the imports tell it
		undone = undone || r.Counts.Undone > 0 && (width == 0 || width >= 80)
	}
	if undone {
		t.Columns = append(t.Columns, Column{Name: "undone", Right: true})
	}
	if !narrow(width) {
		t.Columns = append(t.Columns, Column{Name: "existing", Right: true}, Column{Name: "exit", Right: true}, Column{Name: "host"}, Column{Name: "next", Fixed: true})
	}
	for _, r := range s.Runs {
		end, exit, next := r.EndedAt, Number(int64(r.Exit)), ""
		if end.IsZero() {
			end, exit = r.SeenAt, "-"
		}
		if len(r.Next) > 0 {
			next = r.Next[0]
		}
		cells := []string{Number(r.Run), r.Command, moment(r.StartedAt.Local(), s.At), Duration(end.Sub(r.StartedAt)), r.state(),
			r.count(r.Counts.Created), r.count(r.Counts.Failed)}
		if undone {
			cells = append(cells, r.count(r.Counts.Undone))
		}
		t.Add(append(cells, r.count(r.Counts.Existing), exit, r.Host, next)...)
	}
	return t
}

type importStatusJSON struct {
	ID       int64     `json:"import"`
	Target   string    `json:"target"`
	LoadedAt time.Time `json:"loaded_at"`
	Share    float64   `json:"share_done"`
	fileJSON
}

type runStatusJSON struct {
	ID        int64      `json:"run"`
	Command   string     `json:"command"`
	Target    string     `json:"target"`
	Imports   []int64    `json:"imports"`
	Host      string     `json:"host"`
	PID       int        `json:"pid"`
	StartedAt time.Time  `json:"started_at"`
	SeenAt    time.Time  `json:"seen_at"`
	EndedAt   *time.Time `json:"ended_at"`
	State     string     `json:"state"` // running, killed or ended
	Stopped   string     `json:"stopped"`
	Exit      *int       `json:"exit"`
	Sent      int64      `json:"sent"`
	Throttled int64      `json:"throttled"`
	Retried   int64      `json:"retried"`
	Created   int64      `json:"created"`
	Existing  int64      `json:"existing"`
	Failed    int64      `json:"failed"`
	Undone    int64      `json:"undone"`
	Pace      float64    `json:"rows_per_second"`
	Left      int64      `json:"left"`
	Finish    *time.Time `json:"done_about"`
	Next      []string   `json:"next"`
}

// JSON is the status as one object on one line, with its end.
func (s Status) JSON() ([]byte, error) {
	imports, runs := []importStatusJSON{}, []runStatusJSON{}
	for _, i := range s.Imports {
		imports = append(imports, importStatusJSON{i.Import, i.Target, i.LoadedAt, i.Share(), i.json()})
	}
	for _, r := range s.Runs {
		c := r.Counts
		out := runStatusJSON{
			ID: r.Run, Command: r.Command, Target: r.Target, Imports: append([]int64{}, r.Imports...), Host: r.Host, PID: r.PID,
			StartedAt: r.StartedAt, SeenAt: r.SeenAt, State: "ended", Stopped: string(r.Stopped),
			Sent: c.Sent, Throttled: c.Throttled, Retried: c.Retried,
			Created: c.Created, Existing: c.Existing, Failed: c.Failed, Undone: c.Undone,
			Pace: rounded(r.Pace), Left: r.Left, Next: append([]string{}, r.Next...),
		}
		switch {
		case r.Running:
			out.State = "running"
		case r.EndedAt.IsZero():
			out.State = "killed"
		default:
			out.EndedAt, out.Exit = &r.EndedAt, &r.Exit
		}
		if finish := r.Finish(); !finish.IsZero() {
			out.Finish = &finish
		}
		runs = append(runs, out)
	}
	line, err := json.Marshal(struct {
		Imports []importStatusJSON `json:"imports"`
		Runs    []runStatusJSON    `json:"runs"`
	}{imports, runs})
	return append(line, '\n'), err
}

// json is the file by the keys of the summary.
func (f File) json() fileJSON {
	b := f.Books
	return fileJSON{
		Name: f.Name, SHA256: f.SHA256, Rows: b.Rows, Distinct: b.Distinct, Repeated: b.Repeated, Rejected: b.Rejected,
		Created: b.Created, Existing: b.Existing, Failed: b.Failed, Pending: b.Pending, Sending: b.Sending, Undone: b.Undone,
	}
}
