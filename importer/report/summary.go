package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"relink/importer"
)

// A Summary is how a run ended and where its files stand now.
type Summary struct {
	Command   string // "import", "resume", ...
	Target    string // base URL of the service
	To        string // the flag that leads to it, with a space before it; empty for the usual one
	Run       int64
	Exit      int
	Stopped   importer.Stop
	Message   string // more on why it stopped, if there is more to say
	Files     []File
	Locations []Location
	Requests  importer.Counts // of this run
	Took      time.Duration
	Held      time.Duration // how long lanes were held by answers of 429
}

// A Location is how one lane ended.
type Location struct {
	Location string
	Stopped  importer.Stop
	Message  string          // the service's words, or ours
	Counts   importer.Counts // of this run
	Pending  int64           // pairs still to be sent
	Held     time.Duration
}

// Text is the summary in words: how it ended, the books, the requests, and what
// to type next.
func (s Summary) Text(width int) string {
	var b strings.Builder
	b.WriteString(wrap(s.headline(), width) + "\n")
	b.WriteString(indent(s.books().Text(narrower(width)), "  "))
	if len(s.Files) > 1 {
		b.WriteString("\n" + indent(s.files().Text(narrower(width)), "  "))
	}
	s.locations(&b, width)
	b.WriteString("\n" + wrap(s.requests(), width))
	if next := s.next(); len(next) > 0 {
		b.WriteString("\nnext:\n")
		t := Table{Columns: []Column{{Fixed: true}, {}}}
		for _, step := range next {
			t.Add(step.do, step.why)
		}
		b.WriteString(indent(t.Text(narrower(width)), "  "))
	}
	return b.String()
}

func (s Summary) headline() string {
	books := sum(s.Files)
	run := "This run"
	if s.Run > 0 {
		run = fmt.Sprintf("Run %d", s.Run)
	}
	text := fmt.Sprintf("%s %s", run, Stopped(s.Stopped))
	if s.Message != "" {
		text += " (" + Clean(s.Message) + ")"
	}
	if len(s.Files) == 0 && s.Run == 0 && s.Exit == 0 {
		return text + ": there was nothing to do."
	}
	if len(s.Files) == 0 {
		return text + ". The ledger did not tell what is in place."
	}
	in := books.Created + books.Existing
	if in == books.Distinct && books.Rejected == 0 && books.Rows > 0 {
		return text + ". Every row is in place."
	}
	return text + fmt.Sprintf(". %s of %s in place.", Number(in), Count(books.Distinct, "pair is", "pairs are"))
}

func (s Summary) books() *Table {
	books := sum(s.Files)
	t := &Table{Columns: []Column{{}, {Right: true}, {}}}
	t.Add("rows", Number(books.Rows))
	for _, line := range []struct {
		name string
		n    int64
		note string
		rare bool
	}{
		{"created", books.Created, "", false},
		{"existing", books.Existing, "there already", false},
		{"failed", books.Failed, "", false},
		{"undone", books.Undone, "created and deleted again", true},
		{"left to send", books.Pending, "", true},
		{"in doubt", books.Sending, "to be sent again first", true},
		{"repeated", books.Repeated, "the pair stands in an earlier line", true},
		{"rejected", books.Rejected, "the line names no pair", true},
	} {
		if line.n > 0 || !line.rare {
			t.Add(line.name, Number(line.n), line.note)
		}
	}
	return t
}

func (s Summary) files() *Table {
	t := &Table{Columns: []Column{
		{Name: "file"}, {Name: "rows", Right: true}, {Name: "in place", Right: true}, {Name: "failed", Right: true},
		{Name: "left", Right: true}, {Name: "rejected", Right: true},
	}}
	for _, f := range s.Files {
		t.Add(f.Name, Number(f.Books.Rows), Number(f.Books.Created+f.Books.Existing), Number(f.Books.Failed),
			Number(f.Books.Left()), Number(f.Books.Rejected))
	}
	return t
}

// locations has one line a location, those that stopped first. A single one is
// mentioned only if it has something of its own to say.
func (s Summary) locations(b *strings.Builder, width int) {
	if len(s.Locations) == 1 {
		if only := s.Locations[0]; only.Message != "" && only.Message != s.Message {
			b.WriteString("\n" + wrap(fmt.Sprintf("location %s: %s", Clean(only.Location), Clean(only.Message)), width))
		}
		return
	}
	if len(s.Locations) == 0 {
		return
	}
	ordered := slices.SortedStableFunc(slices.Values(s.Locations), func(x, y Location) int {
		if (x.Stopped == "") != (y.Stopped == "") {
			return cmp.Compare(y.Stopped, x.Stopped)
		}
		return cmp.Compare(y.Pending, x.Pending)
	})
	shown := ordered[:min(len(ordered), mostListed)]
	t := Table{Columns: []Column{
		{Name: "location", Fixed: true}, {Name: "sent", Right: true}, {Name: "failed", Right: true}, {Name: "left", Right: true}, {},
	}}
	var messages []string
	for _, l := range shown {
		t.Add(l.Location, Number(l.Counts.Sent), Number(l.Counts.Failed), Number(l.Pending), briefly[l.Stopped])
		if l.Message != "" && len(messages) < mostMessages {
			messages = append(messages, fmt.Sprintf("%s: %s", Clean(l.Location), Clean(l.Message)))
		}
	}
	b.WriteString("\n" + indent(t.Text(narrower(width)), "  "))
	if more := ordered[len(shown):]; len(more) > 0 {
		stopped := 0
		for _, l := range more {
			if l.Stopped != "" {
				stopped++
			}
		}
		fmt.Fprintf(b, "  and %s, %s of them stopped\n", Count(int64(len(more)), "more location", "more locations"), Number(int64(stopped)))
	}
	for _, m := range messages {
		b.WriteString(indent(wrap(m, narrower(width)), "  "))
	}
}

func (s Summary) requests() string {
	text := fmt.Sprintf("%s in %s", Count(s.Requests.Sent, "request", "requests"), Duration(s.Took))
	if s.Took >= time.Second && s.Requests.Sent > 0 {
		text += fmt.Sprintf(" (%s)", Rate(float64(s.Requests.Sent)/s.Took.Seconds()))
	}
	if s.Requests.Retried > 0 {
		text += fmt.Sprintf(", %s sent again", Number(s.Requests.Retried))
	}
	if s.Requests.Throttled > 0 {
		text += fmt.Sprintf(", %s throttled (429)", Number(s.Requests.Throttled))
	}
	if s.Held > 0 {
		text += ", held for " + Duration(s.Held)
	}
	return text
}
