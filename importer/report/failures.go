package report

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Failures are failed and rejected rows, grouped.
type Failures struct {
	Imports []int64
	Groups  []FailureGroup
}

// A FailureGroup is rows that failed, or were rejected, for one reason.
type FailureGroup struct {
	State   string         `json:"state"` // failed or rejected
	Cause   string         `json:"cause"`
	Status  int            `json:"status"`
	Words   string         `json:"message"` // without what differs from row to row
	Rows    int64          `json:"rows"`
	Retry   bool           `json:"retry_can_help"`
	Next    string         `json:"next"` // the command to run
	Example FailureExample `json:"example"`
}

// A FailureExample is one row of a group.
type FailureExample struct {
	Import  int64  `json:"import"`
	File    string `json:"file"`
	Line    int64  `json:"line"`
	Pair    string `json:"pair,omitempty"`
	Message string `json:"message"`
	TraceID string `json:"trace_id,omitempty"`
}

// Text is the groups in words.
func (f Failures) Text(width int) string {
	if len(f.Groups) == 0 {
		return "No row has failed or was rejected.\n"
	}
	var failed, rejected int64
	for _, g := range f.Groups {
		if g.State == "rejected" {
			rejected += g.Rows
		} else {
			failed += g.Rows
		}
	}
	var b strings.Builder
	b.WriteString(wrap(fmt.Sprintf("%s failed, %s rejected", Count(failed, "row", "rows"), Number(rejected)), width))
	for _, g := range f.Groups {
		b.WriteString("\n" + wrap(g.head(), width))
		inner := narrower(width)
		line := func(text string) { b.WriteString(indent(wrap(text, inner), "  ")) }
		if g.Words != "" {
			line(Clean(g.Words))
		}
		example := fmt.Sprintf("such as %s:%d", Clean(g.Example.File), g.Example.Line)
		if g.Example.Pair != "" {
			example += ": " + Clean(g.Example.Pair)
		}
		line(example)
		line(g.advice())
		// Commands are copied: they are never broken.
		fmt.Fprintf(&b, "    %s\n", Clean(g.Next))
	}
	return b.String()
}

func (g FailureGroup) head() string {
	text := fmt.Sprintf("%s %s: %s", Number(g.Rows), g.State, Clean(g.Cause))
	if g.Status > 0 {
		text += fmt.Sprintf(" (%d)", g.Status)
	}
	return text
}

func (g FailureGroup) advice() string {
	switch {
	case g.State == "rejected":
		return "the line itself has to be corrected: write these rows out, correct them, import that file"
	case g.Retry:
		return "sending again may help:"
	}
	return "sending again cannot help, the ids have to be corrected: write these rows out, correct them, import that file"
}

// JSON is the groups as one object on one line, with its end.
func (f Failures) JSON() ([]byte, error) {
	if f.Groups == nil {
		f.Groups = []FailureGroup{}
	}
	if f.Imports == nil {
		f.Imports = []int64{}
	}
	var rows int64
	for _, g := range f.Groups {
		rows += g.Rows
	}
	line, err := json.Marshal(struct {
		Imports []int64        `json:"imports"`
		Rows    int64          `json:"rows"`
		Groups  []FailureGroup `json:"groups"`
	}{f.Imports, rows, f.Groups})
	return append(line, '\n'), err
}
