package report

import (
	"encoding/json"
	"time"
)

// The keys of the command-line contract. Scripts lean on them: a key may be
// added, none is renamed or left out when its value is empty.
type summaryJSON struct {
	Command   string         `json:"command"`
	Target    string         `json:"target"`
	Run       int64          `json:"run"`
	Exit      int            `json:"exit"`
	Stopped   string         `json:"stopped"`
	Files     []fileJSON     `json:"files"`
	Locations []locationJSON `json:"locations"`
	Requests  requestsJSON   `json:"requests"`
	Seconds   float64        `json:"seconds"`
	Held      float64        `json:"held_seconds"`
}

type fileJSON struct {
	Name     string `json:"name"`
	SHA256   string `json:"sha256"`
	Rows     int64  `json:"rows"`
	Distinct int64  `json:"distinct"`
	Repeated int64  `json:"repeated"`
	Rejected int64  `json:"rejected"`
	Created  int64  `json:"created"`
	Existing int64  `json:"existing"`
	Failed   int64  `json:"failed"`
	Pending  int64  `json:"pending"`
	Sending  int64  `json:"sending"`
	Undone   int64  `json:"undone"`
}

type locationJSON struct {
	Location  string  `json:"location"`
	Stopped   string  `json:"stopped"`
	Message   string  `json:"message"`
	Sent      int64   `json:"sent"`
	Throttled int64   `json:"throttled"`
	Retried   int64   `json:"retried"`
	Created   int64   `json:"created"`
	Existing  int64   `json:"existing"`
	Failed    int64   `json:"failed"`
	Undone    int64   `json:"undone"`
	Pending   int64   `json:"pending"`
	Held      float64 `json:"held_seconds"`
}

type requestsJSON struct {
	Sent      int64 `json:"sent"`
	Throttled int64 `json:"throttled"`
	Retried   int64 `json:"retried"`
}

// JSON is the summary as one object on one line, with its end. Texts are as
// they came: JSON has its own escapes, and a file has to be found by its name.
func (s Summary) JSON() ([]byte, error) {
	line, err := json.Marshal(s.object())
	return append(line, '\n'), err
}

func (s Summary) object() summaryJSON {
	out := summaryJSON{
		Command: s.Command, Target: s.Target, Run: s.Run, Exit: s.Exit, Stopped: string(s.Stopped),
		Files: []fileJSON{}, Locations: []locationJSON{},
		Requests: requestsJSON{s.Requests.Sent, s.Requests.Throttled, s.Requests.Retried},
		Seconds:  seconds(s.Took), Held: seconds(s.Held),
	}
	for _, f := range s.Files {
		b := f.Books
		out.Files = append(out.Files, fileJSON{
			Name: f.Name, SHA256: f.SHA256, Rows: b.Rows, Distinct: b.Distinct, Repeated: b.Repeated, Rejected: b.Rejected,
			Created: b.Created, Existing: b.Existing, Failed: b.Failed, Pending: b.Pending, Sending: b.Sending, Undone: b.Undone,
		})
	}
	for _, l := range s.Locations {
		c := l.Counts
		out.Locations = append(out.Locations, locationJSON{
			Location: l.Location, Stopped: string(l.Stopped), Message: l.Message, Sent: c.Sent, Throttled: c.Throttled, Retried: c.Retried,
			Created: c.Created, Existing: c.Existing, Failed: c.Failed, Undone: c.Undone, Pending: l.Pending, Held: seconds(l.Held),
		})
	}
	return out
}

func seconds(d time.Duration) float64 { return rounded(d.Seconds()) }
