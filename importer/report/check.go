package report

import (
	"fmt"
	"strings"

	"relink/importer"
)

// A Check is what reading files has shown, before anything is loaded or sent.
type Check struct {
	Files     []CheckedFile
	Rejected  []Rejected // the first rejected lines
	Repeats   []Twin     // the first lines that repeat a pair
	Reverses  []Twin     // the first lines whose pair stands in an earlier one the other way round
	Reversed  int64      // how many there are of them
	Warnings  []Warning
	Locations []Forecast // what is to be sent

	Ledger bool           // there is a ledger, which was asked
	Known  importer.Books // of these pairs in it, by state; Distinct is their sum
}

// A CheckedFile is one of the files.
type CheckedFile struct {
	Name     string
	SHA256   string
	Import   int64 // its number if it is loaded already
	Rows     int64
	Repeated int64
	Rejected int64
	Trimmed  int64 // ids that had blanks around them

	Mapped *Mapped // what the maps of legacy ids make of it; nil without any, or unknown
}

// A Mapped says how many rows of a file find their records in its maps.
type Mapped struct {
	Resolved  int64 `json:"resolved"`
	Unmapped  int64 `json:"unmapped"`  // a legacy id has no record
	Ambiguous int64 `json:"ambiguous"` // a legacy id has two
}

// A Twin is a line and an earlier one with the same ids.
type Twin struct {
	File        string `json:"file"`
	Line        int    `json:"line"`
	EarlierFile string `json:"earlier_file"`
	Earlier     int    `json:"earlier_line"`
}

// A Warning tells of ids that look wrong.
type Warning struct {
	File        string `json:"file"`
	Column      string `json:"column"`
	Association string `json:"association,omitempty"`
	Kind        string `json:"kind"`
	Rows        int64  `json:"rows"`
	Line        int    `json:"line"` // the first of them
	Value       string `json:"value"`
	Message     string `json:"message"`
}

func (c Check) sums() (rows, repeated, rejected int64) {
	for _, f := range c.Files {
		rows += f.Rows
		repeated += f.Repeated
		rejected += f.Rejected
	}
	return rows, repeated, rejected
}

// Exit is the code that check ends with.
func (c Check) Exit() int {
	if _, _, rejected := c.sums(); rejected > 0 {
		return 3
	}
	for _, f := range c.Files {
		if f.Mapped != nil && f.Mapped.Unmapped+f.Mapped.Ambiguous > 0 {
			return 3
		}
	}
	return 0
}

// plan is the check as a plan, for its sentence and forecast.
func (c Check) plan() Plan {
	rows, repeated, rejected := c.sums()
	books := c.Known
	books.Rows, books.Repeated, books.Rejected = rows, repeated, rejected
	books.Distinct = rows - repeated - rejected
	p := Plan{Files: []File{{Books: books}}, Locations: c.Locations}
	if len(c.Locations) == 0 {
		p.Files[0].Books.Pending, p.Files[0].Books.Sending = 0, 0
		return p
	}
	p.Files[0].Books.Pending, p.Files[0].Books.Sending = p.requests(), 0
	return p
}

// Text is the check in words. most bounds each list; 0 means no bound.
func (c Check) Text(width, most int) string {
	var b strings.Builder
	p := c.plan()
	b.WriteString(wrap(p.sentence(), width))
	if len(c.Files) > 1 {
		t := Table{Columns: []Column{{Name: "file"}, {Name: "rows", Right: true}, {Name: "repeated", Right: true}, {Name: "rejected", Right: true}}}
		for _, f := range c.Files {
			t.Add(f.Name, Number(f.Rows), Number(f.Repeated), Number(f.Rejected))
		}
		b.WriteString(indent(t.Text(narrower(width)), "  "))
	}
	if len(c.Locations) > 1 {
		p.locations(&b, narrower(width))
	}
	for _, f := range c.Files {
		if f.Import > 0 {
			b.WriteString(wrap(fmt.Sprintf("%s is loaded already, as import %d: relink status --import %d", Clean(f.Name), f.Import, f.Import), width))
		}
		if f.Trimmed > 0 {
			b.WriteString(wrap(fmt.Sprintf("%s: %s had blanks or quotes around, which are taken off", Clean(f.Name), Count(f.Trimmed, "id", "ids")), width))
		}
	}
	for _, f := range c.Files {
		if m := f.Mapped; m != nil {
			b.WriteString(wrap(fmt.Sprintf("%s: the maps know the records of %s; %s an id without a record, %s one with two",
				Clean(f.Name), Count(m.Resolved, "row", "rows"), Count(m.Unmapped, "row has", "rows have"),
				Count(m.Ambiguous, "row has", "rows have")), width))
		}
	}
	_, repeated, rejected := c.sums()
	l := lister{b: &b, width: width, most: most}
	l.head("rejected: these lines name no pair", rejected)
	for _, r := range c.Rejected {
		text := fmt.Sprintf("%s:%d: ", Clean(r.File), r.Line)
		if r.Column != "" {
			text += Clean(r.Column) + ": "
		}
		l.add(text + Clean(r.Message))
	}
	l.end()
	l.head("repeated: the pair stands in an earlier line; it is sent once", repeated)
	for _, t := range c.Repeats {
		l.add(fmt.Sprintf("%s:%d: as %s", Clean(t.File), t.Line, t.earlier()))
	}
	l.end()
	l.head("reversed: both ways are there; each is sent, the service decides", c.Reversed)
	for _, t := range c.Reverses {
		l.add(fmt.Sprintf("%s:%d: the other way round as %s", Clean(t.File), t.Line, t.earlier()))
	}
	l.end()
	l.head("warnings: ids that look wrong; they are sent all the same", int64(len(c.Warnings)))
	for _, w := range c.Warnings {
		text := fmt.Sprintf("%s:%d: %s %q: %s", Clean(w.File), w.Line, w.Column, Clean(w.Value), w.Message)
		if w.Rows > 1 {
			text += fmt.Sprintf(" (%s)", Count(w.Rows, "row", "rows"))
		}
		l.add(text)
	}
	l.end()
	return b.String()
}

func (t Twin) earlier() string {
	if t.EarlierFile != t.File {
		return fmt.Sprintf("%s:%d", Clean(t.EarlierFile), t.Earlier)
	}
	return fmt.Sprintf("line %d", t.Earlier)
}

// A lister writes one list after another, each with its heading and the number
// of what it does not show.
type lister struct {
	b           *strings.Builder
	width, most int
	total, seen int64
}

func (l *lister) head(title string, total int64) {
	l.total, l.seen = total, 0
	if total > 0 {
		l.b.WriteString("\n" + wrap(Number(total)+" "+title, l.width))
	}
}

func (l *lister) add(text string) {
	if l.most > 0 && l.seen >= int64(l.most) {
		return
	}
	l.seen++
	l.b.WriteString(indent(wrap(text, narrower(l.width)), "  "))
}

func (l *lister) end() {
	if more := l.total - l.seen; more > 0 {
		fmt.Fprintf(l.b, "  and %s more; --list shows them all\n", Number(more))
	}
}
