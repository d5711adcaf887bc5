package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"sort"
	"strings"
	"time"

	"relink/importer"
)

// A Page is one run, or the runs of one import, as an HTML page that stands by
// itself: it can be sent by mail and opened from a ticket. Nothing in it is
// fetched, and there is no script in it.
type Page struct {
	Title    string // "Run 12", "Import 3"
	Target   string
	Made     time.Time // when the page was written
	Version  string
	Files    []File
	Runs     []PageRun // in their order
	Minutes  []PageMinute
	Verdicts []PageVerdict
	Failings []PageFailing
	Rejected []Rejected // the first of them
	Next     []PageNext
}

// A PageRun is one run.
type PageRun struct {
	ID       int64
	Command  string
	Host     string
	Started  time.Time
	Seen     time.Time // its last sign of life
	Ended    bool
	Stopped  importer.Stop
	Exit     int
	Counts   importer.Counts
	Settings map[string]any
}

// A PageMinute is what the runs did in a minute.
type PageMinute struct {
	At      time.Time
	Lanes   int64
	Counts  importer.Counts
	Allowed float64 // calls that were allowed in it, 0 unknown
}

// A PageVerdict is how many pairs have one last answer.
type PageVerdict struct {
	Status int
	State  importer.State
	Pairs  int64
}

// A PageFailing is one cause, with examples.
type PageFailing struct {
	Cause    importer.Cause
	Pairs    int64
	Examples []PageFailed
	Next     string // the command to run next
}

// A PageFailed is one failed pair.
type PageFailed struct{ Pair, Message, TraceID string }

// A PageNext is something to do next.
type PageNext struct{ Do, Why string }

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"clean": Clean, "number": Number, "duration": Duration, "percent": Percent, "rate": Rate,
	"stopped": Stopped, "exit": Exit,
	"when": func(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04:05") },
	"css":  func() template.CSS { return template.CSS(pageCSS) },
}).Parse(pageHTML))

// Write writes the page. Whatever came from outside is escaped.
func (p Page) Write(w io.Writer) error {
	if err := page.Execute(w, p); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// Books adds up the files.
func (p Page) Books() importer.Books { return sum(p.Files) }

// Counts adds up the runs.
func (p Page) Counts() (c importer.Counts) {
	for _, r := range p.Runs {
		c = c.Add(r.Counts)
	}
	return c
}

// Last is the latest run.
func (p Page) Last() PageRun { return p.Runs[len(p.Runs)-1] }

// Took is how long the runs lasted, without the time between them.
func (p Page) Took() (d time.Duration) {
	for _, r := range p.Runs {
		d += r.Took()
	}
	return d
}

// Pace is calls a second while a run was going on.
func (p Page) Pace() float64 {
	if took := p.Took().Seconds(); took >= 1 {
		return float64(p.Counts().Sent) / took
	}
	return 0
}

// Verdict is the page in one sentence.
func (p Page) Verdict() string {
	b := p.Books()
	in := b.Created + b.Existing
	switch {
	case b.Rows == 0:
		return ""
	case in == b.Distinct && b.Rejected == 0:
		return fmt.Sprintf("Every row is in place: %s.", Count(in, "pair", "pairs"))
	}
	text := fmt.Sprintf("%s of %s in place", Number(in), Count(b.Distinct, "pair is", "pairs are"))
	for _, part := range []struct {
		n    int64
		name string
	}{{b.Failed, "failed"}, {b.Left(), "left to send"}, {b.Undone, "undone"}, {b.Rejected, "rejected lines"}} {
		if part.n > 0 {
			text += fmt.Sprintf(", %s %s", Number(part.n), part.name)
		}
	}
	return text + "."
}

// Good reports whether nothing is left to look at.
func (p Page) Good() bool {
	b := p.Books()
	return b.Rows > 0 && b.Created+b.Existing == b.Distinct && b.Rejected == 0
}

// Idle is how long runs were going on without a call in a whole minute.
func (p Page) Idle() time.Duration {
	busy := map[time.Time]bool{}
	for _, m := range p.Minutes {
		busy[m.At.Truncate(time.Minute)] = m.Counts.Sent > 0
	}
	idle := time.Duration(0)
	for _, r := range p.Runs {
		for at := r.Started.Truncate(time.Minute).Add(time.Minute); at.Add(time.Minute).Before(r.Seen); at = at.Add(time.Minute) {
			if !busy[at] {
				idle += time.Minute
			}
		}
	}
	return idle
}

// Took is how long the run lasted, as far as it told.
func (r PageRun) Took() time.Duration { return max(0, r.Seen.Sub(r.Started)) }

// Ending says how the run ended.
func (r PageRun) Ending() string {
	if !r.Ended {
		return "going on, or killed: the next run carries on"
	}
	return Stopped(r.Stopped)
}

// A Setting of a run.
type Setting struct{ Name, Value string }

// Asked lists the settings of the run by name.
func (r PageRun) Asked() []Setting {
	var all []Setting
	for name, value := range r.Settings {
		if text := fmt.Sprint(value); text != "" {
			all = append(all, Setting{strings.ReplaceAll(name, "_", " "), text})
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all
}

// Words says what a status means.
func (v PageVerdict) Words() string {
	switch {
	case v.Status == 0:
		return "no answer"
	case v.Status < 300:
		return "carried out"
	case v.Status == 429:
		return "too many requests"
	case v.Status < 500 && v.State == importer.Existing:
		return "there already"
	case v.Status < 500 && v.State == importer.Created:
		return "there already, by an earlier call of ours"
	case v.Status < 500 && v.State == importer.Undone:
		return "gone already"
	case v.Status < 500:
		return "refused"
	}
	return "no clear answer"
}
