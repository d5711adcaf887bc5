package report

import "encoding/json"

type checkJSON struct {
	Exit      int             `json:"exit"`
	Files     []checkFileJSON `json:"files"`
	Rows      int64           `json:"rows"`
	Distinct  int64           `json:"distinct"`
	Repeated  int64           `json:"repeated"`
	Rejected  int64           `json:"rejected"`
	Reversed  int64           `json:"reversed"`
	Ledger    bool            `json:"ledger"` // whether one was there to ask
	Known     knownJSON       `json:"known"`
	Requests  int64           `json:"requests"`
	Seconds   float64         `json:"seconds"` // that sending takes
	Locations []forecastJSON  `json:"locations"`

	RejectedLines []rejectedJSON `json:"rejected_lines"`
	RepeatedLines []Twin         `json:"repeated_lines"`
	ReversedLines []Twin         `json:"reversed_lines"`
	Warnings      []Warning      `json:"warnings"`
}

type checkFileJSON struct {
	Name     string `json:"name"`
	SHA256   string `json:"sha256"`
	Import   int64  `json:"import"`
	Rows     int64  `json:"rows"`
	Repeated int64  `json:"repeated"`
	Rejected int64  `json:"rejected"`

	Mapped *Mapped `json:"mapped,omitempty"`
}

type knownJSON struct {
	Created  int64 `json:"created"`
	Existing int64 `json:"existing"`
	Failed   int64 `json:"failed"`
	Pending  int64 `json:"pending"`
	Undone   int64 `json:"undone"`
}

type forecastJSON struct {
	Location string  `json:"location"`
	Requests int64   `json:"requests"`
	Seconds  float64 `json:"seconds"`
	Days     int64   `json:"days"`
}

type rejectedJSON struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  string `json:"column"`
	Message string `json:"message"`
}

// JSON is the check as one object on one line, with its end.
func (c Check) JSON() ([]byte, error) {
	rows, repeated, rejected := c.sums()
	p := c.plan()
	k := c.Known
	out := checkJSON{
		Exit: c.Exit(), Files: []checkFileJSON{}, Rows: rows, Distinct: rows - repeated - rejected,
		Repeated: repeated, Rejected: rejected, Reversed: c.Reversed, Ledger: c.Ledger,
		Known:    knownJSON{k.Created, k.Existing, k.Failed, k.Pending, k.Undone},
		Requests: p.requests(), Seconds: seconds(p.takes()), Locations: []forecastJSON{},
		RejectedLines: []rejectedJSON{}, RepeatedLines: append([]Twin{}, c.Repeats...),
		ReversedLines: append([]Twin{}, c.Reverses...), Warnings: append([]Warning{}, c.Warnings...),
	}
	for _, f := range c.Files {
		out.Files = append(out.Files, checkFileJSON{f.Name, f.SHA256, f.Import, f.Rows, f.Repeated, f.Rejected, f.Mapped})
	}
	for _, f := range c.Locations {
		out.Locations = append(out.Locations, forecastJSON{f.Location, f.Requests, seconds(f.Takes()), f.Days()})
	}
	for _, r := range c.Rejected {
		out.RejectedLines = append(out.RejectedLines, rejectedJSON(r))
	}
	line, err := json.Marshal(out)
	return append(line, '\n'), err
}
