package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"relink/importer"
)

// An Undo is what an undo is going to do, or did.
type Undo struct {
	Run       int64 // the run whose work is undone
	Target    string
	Created   int64 // relations that it surely made and that are there
	Uncertain int64 // those that it made as far as can be known
	Include   bool  // the uncertain ones are deleted as well
	Before    int64 // undone before
	Existing  int64 // found there by the run, never touched
	Sending   int64 // sent by the run, outcome unknown

	Examples []importer.Relation // the first of the uncertain ones
}

// ToDelete is how many relations are to go.
func (u Undo) ToDelete() int64 {
	if u.Include {
		return u.Created + u.Uncertain
	}
	return u.Created
}

// Text is the plan in words.
func (u Undo) Text(width int) string {
	var b strings.Builder
	text := fmt.Sprintf("Run %d at %s: %s to delete", u.Run, Clean(u.Target), Count(u.ToDelete(), "relation", "relations"))
	if u.Before > 0 {
		text += fmt.Sprintf(", %s undone before", Number(u.Before))
	}
	if u.Existing > 0 {
		text += fmt.Sprintf("; %s existed before it and stay", Number(u.Existing))
	}
	b.WriteString(wrap(text+".", width))
	if u.Sending > 0 {
		b.WriteString(wrap(fmt.Sprintf("%s the run sent and got no answer for: run `relink resume` first, so that they are known.",
			Count(u.Sending, "pair", "pairs")), width))
	}
	u.uncertain(&b, width)
	return b.String()
}

func (u Undo) uncertain(b *strings.Builder, width int) {
	if u.Uncertain == 0 {
		return
	}
	fate := "and stay (--include-uncertain deletes them too)"
	if u.Include {
		fate = "and are deleted too"
	}
	b.WriteString(wrap(fmt.Sprintf("%s of uncertain origin %s: an unclear answer came first, and then the service said that the pair is there.",
		Count(u.Uncertain, "relation is", "relations are"), fate), width))
	pairs(b, u.Examples, u.Uncertain)
}

// pairs lists the first of so many pairs.
func pairs(b *strings.Builder, some []importer.Relation, all int64) {
	for _, r := range some {
		b.WriteString("  " + Clean(r.String()) + "\n")
	}
	if more := all - int64(len(some)); more > 0 && len(some) > 0 {
		fmt.Fprintf(b, "  and %s more\n", Number(more))
	}
}

// An Undone is how an undo ended.
type Undone struct {
	Undo
	Summary        // of the undo's own run; its Files are the imports whose pairs are undone
	Deleted  int64 // by this run, those found gone included
	Gone     int64 // of them, not there any more
	Failed   int64 // that the service would not delete
	Nameless int64 // that no list shows and whose own id is not known
	Left     int64 // not reached
}

// Text is the summary in words.
func (u Undone) Text(width int) string {
	var b strings.Builder
	text := fmt.Sprintf("Run %d %s. Of run %d, %s deleted", u.Summary.Run, Stopped(u.Stopped), u.Undo.Run, Count(u.Deleted, "relation is", "relations are"))
	if u.Message != "" {
		text = fmt.Sprintf("Run %d %s (%s). Of run %d, %s deleted", u.Summary.Run, Stopped(u.Stopped), Clean(u.Message), u.Undo.Run, Count(u.Deleted, "relation is", "relations are"))
	}
	b.WriteString(wrap(text+".", width))
	t := &Table{Columns: []Column{{}, {Right: true}, {}}}
	t.Add("deleted", Number(u.Deleted-u.Gone))
	for _, line := range []struct {
		name string
		n    int64
		note string
	}{
		{"gone", u.Gone, "not there any more: counts as undone"},
		{"undone before", u.Before, ""},
		{"not deleted", u.Failed, "the service refused: relink undo again, or look at the lines above"},
		{"not found", u.Nameless, "their own ids are unknown and no list shows the pairs: gone already, or lists lag"},
		{"left", u.Left, "not reached yet"},
	} {
		if line.n > 0 {
			t.Add(line.name, Number(line.n), line.note)
		}
	}
	b.WriteString(indent(t.Text(narrower(width)), "  "))
	if !u.Include {
		u.uncertain(&b, width)
	}
	b.WriteString("\n" + wrap(u.requests(), width))
	if u.Left > 0 {
		b.WriteString(wrap("next: run the same command again to go on", width))
	}
	return b.String()
}

// JSON is the summary by the keys of the command-line contract, and the undo's own.
func (u Undone) JSON() ([]byte, error) {
	line, err := json.Marshal(struct {
		summaryJSON
		Undo undoJSON `json:"undo"`
	}{u.Summary.object(), u.Undo.object(u)})
	return append(line, '\n'), err
}

// JSON is the plan as one object: what --dry-run prints.
func (u Undo) JSON() ([]byte, error) {
	line, err := json.Marshal(map[string]any{"exit": 0, "dry_run": true, "target": u.Target, "undo": u.object(Undone{Left: u.ToDelete()})})
	return append(line, '\n'), err
}

type undoJSON struct {
	Run       int64 `json:"run"`
	ToDelete  int64 `json:"to_delete"`
	Deleted   int64 `json:"deleted"`
	Gone      int64 `json:"gone"`
	Failed    int64 `json:"failed"`
	NotFound  int64 `json:"not_found"`
	Left      int64 `json:"left"`
	Before    int64 `json:"undone_before"`
	Uncertain int64 `json:"uncertain"`
	Included  bool  `json:"uncertain_included"`
	Existing  int64 `json:"existing"`
	Sending   int64 `json:"sending"`
}

func (u Undo) object(done Undone) undoJSON {
	return undoJSON{
		Run: u.Run, ToDelete: u.ToDelete(), Deleted: done.Deleted, Gone: done.Gone, Failed: done.Failed, NotFound: done.Nameless,
		Left: done.Left, Before: u.Before, Uncertain: u.Uncertain, Included: u.Include, Existing: u.Existing, Sending: u.Sending,
	}
}
