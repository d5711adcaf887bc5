package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"relink/importer"
)

// A Verified is what a verify found.
type Verified struct {
	Summary  // of the verify's own run
	Asked    int64
	Present  int64
	Missing  int64
	Unknown  int64 // the service would not tell
	Left     int64 // not asked yet
	Requeued int64 // missing ones set pending
	Examples []importer.Relation
}

// Text is the result in words.
func (v Verified) Text(width int) string {
	var b strings.Builder
	run := "This run"
	if v.Run > 0 {
		run = fmt.Sprintf("Run %d", v.Run)
	}
	text := run + " " + Stopped(v.Stopped)
	if v.Message != "" {
		text += " (" + Clean(v.Message) + ")"
	}
	switch {
	case v.Asked == 0:
		text += ". The ledger says of no pair that it is there: nothing to verify."
	case v.Present == v.Asked:
		text += fmt.Sprintf(". All of %s there.", Count(v.Asked, "pair is", "pairs are"))
	default:
		text += fmt.Sprintf(". %s of %s there.", Number(v.Present), Count(v.Asked, "pair is", "pairs are"))
	}
	b.WriteString(wrap(text, width))
	t := &Table{Columns: []Column{{}, {Right: true}, {}}}
	t.Add("present", Number(v.Present))
	t.Add("missing", Number(v.Missing), "no list shows them, in three looks")
	t.Add("unknown", Number(v.Unknown), "the service would not list their records")
	if v.Left > 0 {
		t.Add("left", Number(v.Left), "not asked for yet")
	}
	b.WriteString(indent(t.Text(narrower(width)), "  "))
	if len(v.Examples) > 0 {
		b.WriteString("missing:\n")
		pairs(&b, v.Examples, v.Missing)
	}
	b.WriteString("\n" + wrap(v.requests(), width))
	switch {
	case v.Left > 0:
		b.WriteString(wrap("next: run the same command again to go on", width))
	case v.Requeued > 0:
		b.WriteString(wrap(fmt.Sprintf("next: relink resume, to send the %s again", Count(v.Requeued, "missing pair", "missing pairs")), width))
	case v.Missing > 0:
		b.WriteString(wrap("next: the same command with --requeue sets what is missing pending; relink resume sends it", width))
	}
	return b.String()
}

// JSON is the result by the keys of the command-line contract, and verify's own.
func (v Verified) JSON() ([]byte, error) {
	type pair struct {
		Location    string `json:"location"`
		Association string `json:"association"`
		First       string `json:"first"`
		Second      string `json:"second"`
	}
	missing := []pair{}
	for _, r := range v.Examples {
		missing = append(missing, pair(r))
	}
	line, err := json.Marshal(struct {
		summaryJSON
		Asked    int64  `json:"asked"`
		Present  int64  `json:"present"`
		Missing  int64  `json:"missing"`
		Unknown  int64  `json:"unknown"`
		Left     int64  `json:"left"`
		Requeued int64  `json:"requeued"`
		Pairs    []pair `json:"missing_pairs"`
	}{v.object(), v.Asked, v.Present, v.Missing, v.Unknown, v.Left, v.Requeued, missing})
	return append(line, '\n'), err
}
