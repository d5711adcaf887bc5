package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

// maxBody is far above the size of a create and far below what hurts.
const maxBody = 64 << 10

// fields are the names of a create's body, in the order of its complaints.
var fields = [...]string{"locationId", "associationId", "firstRecordId", "secondRecordId"}

// readBody reads a body whole. A body that is too long or breaks off is no body.
func readBody(r *http.Request) ([]byte, bool) {
	if n := r.ContentLength; n > 0 && n <= maxBody {
		b := make([]byte, n)
		_, err := io.ReadFull(r.Body, b)
		return b, err == nil
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	return b, err == nil && len(b) <= maxBody
}

// parseCreate reads a create's body. It always returns the location it found, so
// that a bad request is counted where it belongs; ok tells whether it is good,
// and the answer else.
func parseCreate(r *http.Request) (rel relation, a answer, ok bool) {
	body, whole := readBody(r)
	if !whole {
		return rel, problem(http.StatusRequestEntityTooLarge, "request entity too large"), false
	}
	var extra []string
	if !strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "application/json") {
		body = nil // the service's framework looks at no other body
	}
	var got [4]string
	var is [4]bool // it is a string
	if !plainFields(body, &got, &is) {
		var err error
		if extra, err = anyFields(body, &got, &is); err != nil {
			return rel, problem(http.StatusBadRequest, err.Error()), false
		}
	}
	rel = relation{got[0], got[1], got[2], got[3]}
	var wrong []string
	if r.URL.RawQuery != "" && r.URL.Query().Has("locationId") {
		extra = append(extra, "locationId")
	}
	for _, name := range extra {
		wrong = append(wrong, "property "+name+" should not exist")
	}
	for i, name := range fields {
		if !is[i] {
			wrong = append(wrong, name+" must be a string")
		}
		if got[i] == "" {
			wrong = append(wrong, name+" should not be empty")
		}
	}
	if wrong != nil {
		return rel, invalid(wrong), false
	}
	return rel, answer{}, true
}

// plainFields reads what nearly every create looks like: one flat object of
// known names and strings without escapes. It gives up on anything else, which
// is then for encoding/json to judge; without it the handler's own work is half
// as much again.
func plainFields(body []byte, got *[4]string, is *[4]bool) bool {
	rest, ok := token(body, '{')
	for ok {
		var name, value []byte
		if name, rest, ok = plainString(rest); !ok {
			return false
		}
		if rest, ok = token(rest, ':'); !ok {
			return false
		}
		if value, rest, ok = plainString(rest); !ok {
			return false
		}
		i := slices.IndexFunc(fields[:], func(f string) bool { return f == string(name) })
		if i < 0 {
			return false
		}
		got[i], is[i] = string(value), true
		if more, comma := token(rest, ','); comma {
			rest = more
			continue
		}
		rest, ok = token(rest, '}')
		return ok && len(bytes.TrimLeft(rest, " \t\r\n")) == 0
	}
	return false
}

func token(b []byte, c byte) ([]byte, bool) {
	b = bytes.TrimLeft(b, " \t\r\n")
	if len(b) == 0 || b[0] != c {
		return b, false
	}
	return b[1:], true
}

func plainString(b []byte) (s, rest []byte, ok bool) {
	b, ok = token(b, '"')
	if !ok {
		return nil, b, false
	}
	for i, c := range b {
		switch {
		case c == '"':
			return b[:i], b[i+1:], true
		case c < ' ' || c > '~' || c == '\\':
			return nil, b, false
		}
	}
	return nil, b, false
}

// anyFields reads any body, and returns the names that do not belong there.
func anyFields(body []byte, got *[4]string, is *[4]bool) (extra []string, err error) {
	if len(body) == 0 {
		return nil, nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, err
	}
	object, _ := value.(map[string]any)
	for name, v := range object {
		i := slices.Index(fields[:], name)
		if i < 0 {
			extra = append(extra, name)
			continue
		}
		got[i], is[i] = v.(string)
	}
	slices.Sort(extra)
	return extra, nil
}
