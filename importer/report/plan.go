package report

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// A Plan is what a run is going to do: the first thing a person reads, before
// the first call.
type Plan struct {
	Files     []File
	Locations []Forecast // what is to be sent; without any, it is what the books have left
	Rejected  []Rejected // the first of the rejected lines
}

// A Rejected line, and why.
type Rejected struct {
	File    string
	Line    int
	Column  string // empty when it is the line as a whole
	Message string
}

// How many lines of each list are shown.
const (
	mostRejected = 5
	mostListed   = 20
	mostMessages = 5
)

// Plan prints the plan, unless quiet: as text, or as one JSON log line.
func (s *Screen) Plan(p Plan) {
	switch {
	case s.output.Quiet:
	case s.output.JSON:
		books := sum(p.Files)
		s.log.LogAttrs(context.Background(), slog.LevelInfo, "plan",
			slog.Int64("rows", books.Rows), slog.Int64("to_send", p.requests()),
			slog.Int64("done_before", books.Created+books.Existing), slog.Int64("failed_before", books.Failed),
			slog.Int64("repeated", books.Repeated), slog.Int64("rejected", books.Rejected),
			slog.Float64("seconds", rounded(p.takes().Seconds())))
	default:
		s.Print(p.Text(s.Width()))
	}
}

// Text is the plan in words: one sentence, and what there is to list.
func (p Plan) Text(width int) string {
	var b strings.Builder
	b.WriteString(wrap(p.sentence(), width))
	if len(p.Files) > 1 {
		b.WriteString(indent(p.files().Text(narrower(width)), "  "))
	}
	if len(p.Locations) > 1 && p.requests() > 0 {
		p.locations(&b, narrower(width))
	}
	p.rejected(&b, narrower(width))
	return b.String()
}

// narrower is the width that is left of width within an indent.
func narrower(width int) int {
	if width == 0 {
		return 0
	}
	return max(width-len("  "), 1)
}

func (p Plan) requests() int64 {
	if len(p.Locations) == 0 {
		return sum(p.Files).Left()
	}
	var n int64
	for _, f := range p.Locations {
		n += f.Requests
	}
	return n
}

// takes is as long as the slowest location: they run side by side.
func (p Plan) takes() (longest time.Duration) {
	for _, f := range p.Locations {
		longest = max(longest, f.Takes())
	}
	return longest
}

func (p Plan) sentence() string {
	books, requests := sum(p.Files), p.requests()
	parts := []string{"nothing to send"}
	if requests > 0 {
		parts[0] = Number(requests) + " to send"
		if len(p.Locations) > 1 {
			parts[0] += fmt.Sprintf(" to %d locations", len(p.Locations))
		}
	}
	for _, part := range []struct {
		n    int64
		what string
	}{
		{books.Left() - requests, "not in this run"},
		{books.Created + books.Existing, "done before"},
		{books.Failed, "failed before"},
		{books.Undone, "undone"},
		{books.Repeated, "repeated"},
		{books.Rejected, "rejected"},
	} {
		if part.n > 0 {
			parts = append(parts, Number(part.n)+" "+part.what)
		}
	}
	text := fmt.Sprintf("%s: %s", Count(books.Rows, "row", "rows"), strings.Join(parts, ", "))
	switch {
	case requests == 0:
	case len(p.Locations) == 1:
		text += "; " + p.Locations[0].text()
	case p.takes() > 0:
		text += "; about " + Duration(p.takes())
	}
	return text
}

func (p Plan) files() *Table {
	t := &Table{Columns: []Column{
		{Name: "file"}, {Name: "rows", Right: true}, {Name: "to send", Right: true}, {Name: "done", Right: true},
		{Name: "repeated", Right: true}, {Name: "rejected", Right: true},
	}}
	for _, f := range p.Files {
		t.Add(f.Name, Number(f.Books.Rows), Number(f.Books.Left()), Number(f.Books.Created+f.Books.Existing),
			Number(f.Books.Repeated), Number(f.Books.Rejected))
	}
	return t
}

func (p Plan) locations(b *strings.Builder, width int) {
	longest := slices.SortedStableFunc(slices.Values(p.Locations), func(x, y Forecast) int {
		return cmp.Compare(y.Takes(), x.Takes())
	})
	shown := longest[:min(len(longest), mostListed)]
	b.WriteString(indent(forecastTable(shown).Text(width), "  "))
	if more := len(longest) - len(shown); more > 0 {
		fmt.Fprintf(b, "  and %s, done sooner\n", Count(int64(more), "more location", "more locations"))
	}
}

// rejected lists the first lines as file:line: column: reason, which editors
// can jump to, and says how to see the others.
func (p Plan) rejected(b *strings.Builder, width int) {
	shown := p.Rejected[:min(len(p.Rejected), mostRejected)]
	for _, r := range shown {
		text := fmt.Sprintf("%s:%d: ", Clean(r.File), r.Line)
		if r.Column != "" {
			text += Clean(r.Column) + ": "
		}
		text += Clean(r.Message)
		b.WriteString(indent(wrap(text, width), "  "))
	}
	more := sum(p.Files).Rejected - int64(len(shown))
	if more <= 0 || len(shown) == 0 {
		return
	}
	fmt.Fprintf(b, "  and %s more: %s\n", Number(more), command("failures", p.Files, hasRejected))
}
