package leadconnector

import (
	"bytes"
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxMessage = 300 // characters of a message
	maxTraceID = 128 // characters of a trace id

	// A shorter token is none of the service's, and to replace "a" wherever it
	// stands would leave nothing to read.
	minHidden = 6
)

// A statement is what the body of an unsuccessful answer says.
type statement struct {
	text  string // all of it, lower case, single spaces: for the table in classify.go
	words string // for people, not yet cleaned
	trace string // not yet cleaned
	json  bool   // the body is a JSON object, or began as one
}

// read finds the words in a body: the message of the documented JSON (D), the
// title of an HTML page, or the text as it came.
func read(contentType string, body []byte) statement {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	s := statement{words: string(body)}
	s.json = bytes.HasPrefix(body, []byte("{")) || strings.Contains(strings.ToLower(contentType), "json")

	var object struct {
		Message json.RawMessage `json:"message"`
		Error   json.RawMessage `json:"error"`
		TraceID json.RawMessage `json:"traceId"`
	}
	if s.json && json.Unmarshal(body, &object) == nil {
		s.trace = plain(object.TraceID, 0)
		if words := plain(object.Message, 0); words != "" {
			s.words = words
		} else if words := plain(object.Error, 0); words != "" {
			s.words = words
		}
	}
	s.text = strings.Join(strings.Fields(strings.ToLower(s.words)), " ")
	if !s.json && strings.HasPrefix(s.words, "<") {
		s.words = page(s.words)
	}
	return s
}

// plain is the text of a JSON value: a string, or an array of them joined by
// "; ", or the message of an object; of anything else the JSON itself.
func plain(raw json.RawMessage, depth int) string {
	if len(raw) == 0 || string(raw) == "null" || depth > 3 {
		return ""
	}
	switch raw[0] {
	case '"':
		var text string
		if json.Unmarshal(raw, &text) == nil {
			return text
		}
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil {
			var parts []string
			for _, item := range list {
				if part := plain(item, depth+1); part != "" {
					parts = append(parts, part)
				}
			}
			return strings.Join(parts, "; ")
		}
	case '{':
		var object struct {
			Message json.RawMessage `json:"message"`
		}
		if json.Unmarshal(raw, &object) == nil && object.Message != nil {
			return plain(object.Message, depth+1)
		}
	}
	return string(raw)
}

var (
	pageTitle  = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title`)
	pageHidden = regexp.MustCompile(`(?is)<(?:script|style|head)\b.*?</(?:script|style|head)\s*>|<!--.*?-->`)
	pageTag    = regexp.MustCompile(`(?s)<[^>]*>?`)
)

// page is the title of an HTML page, or else its text.
func page(source string) string {
	if m := pageTitle.FindStringSubmatch(source); m != nil {
		if title := strings.TrimSpace(html.UnescapeString(pageTag.ReplaceAllString(m[1], " "))); title != "" {
			return title
		}
	}
	return html.UnescapeString(pageTag.ReplaceAllString(pageHidden.ReplaceAllString(source, " "), " "))
}

// clean makes a foreign text fit for a log, a terminal and the ledger: valid
// UTF-8 in single spaces, without control characters and without the token,
// of at most limit characters.
//
// The token goes last but for the cut: earlier, a later step could put its
// parts together again, and after the cut half of it would stay.
func clean(text string, token Token, limit int) string {
	if strings.ContainsFunc(text, unprintable) || !utf8.ValidString(text) {
		text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\ufffd"), unprintable), " ")
	}
	if secret := token.reveal(); len(secret) >= minHidden {
		text = strings.ReplaceAll(text, secret, hidden)
	}
	if len(text) <= limit || utf8.RuneCountInString(text) <= limit {
		return text
	}
	runes := 0
	for i := range text {
		if runes++; runes == limit {
			return text[:i] + "…"
		}
	}
	return text
}

// unprintable holds for spaces of every kind, control characters and the
// invisible ones that turn the direction of a line on a terminal.
func unprintable(r rune) bool {
	if r < utf8.RuneSelf {
		return r <= ' ' || r == 0x7f
	}
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}
