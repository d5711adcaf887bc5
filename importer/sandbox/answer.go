package sandbox

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// answer is what goes back to the client, if nothing prevents it.
type answer struct {
	status int
	body   []byte
	html   bool
	retry  string // Retry-After
}

var (
	typeJSON = []string{"application/json; charset=utf-8"}
	typeHTML = []string{"text/html"}
)

// problem is an answer of the service's kind to a request that does not pass.
func problem(status int, message string) answer {
	b := append([]byte(`{"statusCode":`), strconv.Itoa(status)...)
	b = appendString(append(b, `,"message":`...), message)
	return answer{status: status, body: closeProblem(b, status)}
}

// invalid is the 422 of the service's validation: a list of what is wrong.
func invalid(messages []string) answer {
	b := []byte(`{"statusCode":422,"message":[`)
	for i, m := range messages {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, m)
	}
	return answer{status: 422, body: closeProblem(append(b, ']'), 422)}
}

func closeProblem(b []byte, status int) []byte {
	b = appendString(append(b, `,"error":`...), http.StatusText(status))
	return append(appendTrace(append(b, ',')), '}')
}

func badGateway() answer {
	return answer{status: http.StatusBadGateway, html: true, body: []byte(
		"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n" +
			"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")}
}

// throttled is a 429; wait goes into Retry-After in the form asked for.
func throttled(wait time.Duration, form string) answer {
	a := problem(http.StatusTooManyRequests, "Too Many Requests")
	seconds := (wait + time.Second - 1) / time.Second
	switch form {
	case RetrySeconds:
		a.retry = strconv.FormatInt(int64(seconds), 10)
	case RetryDate:
		// A date knows whole seconds: one more, so that it is never too early.
		a.retry = time.Now().Add((seconds + 1) * time.Second).UTC().Format(http.TimeFormat)
	}
	return a
}

// created is the answer to a create, in the shape that was chosen.
func created(shape string, r relation, a Association, id string) answer {
	b := make([]byte, 0, 512)
	switch shape {
	case ShapeEmpty:
	case ShapeDocumented:
		b = appendString(append(b, `{"locationId":`...), r.location)
		b = appendString(append(b, `,"id":`...), id)
		b = append(appendAssociation(append(b, ','), a), '}')
	case ShapeWrapped:
		b = appendRelation(append(b, `{"relation":`...), r, a, id)
		b = append(appendTrace(append(b, `},`...)), '}')
	default:
		b = appendRelation(b, r, a, id)
		b = append(appendTrace(append(b, ',')), '}')
	}
	return answer{status: http.StatusCreated, body: b}
}

// appendRelation leaves the object open.
func appendRelation(b []byte, r relation, a Association, id string) []byte {
	b = appendString(append(b, `{"id":`...), id)
	b = appendString(append(b, `,"associationId":`...), r.association)
	b = appendString(append(b, `,"firstObjectKey":`...), a.FirstObject)
	b = appendString(append(b, `,"firstRecordId":`...), r.first)
	b = appendString(append(b, `,"secondObjectKey":`...), a.SecondObject)
	b = appendString(append(b, `,"secondRecordId":`...), r.second)
	return appendString(append(b, `,"locationId":`...), r.location)
}

func appendAssociation(b []byte, a Association) []byte {
	b = appendString(append(b, `"key":`...), a.Key)
	b = appendString(append(b, `,"firstObjectLabel":`...), a.FirstObject)
	b = appendString(append(b, `,"firstObjectKey":`...), a.FirstObject)
	b = appendString(append(b, `,"secondObjectLabel":`...), a.SecondObject)
	b = appendString(append(b, `,"secondObjectKey":`...), a.SecondObject)
	return append(b, `,"associationType":"USER_DEFINED"`...)
}

// appendTrace adds a trace id of its own to every answer.
func appendTrace(b []byte) []byte {
	const digits = "0123456789abcdef"
	b = append(b, `"traceId":"`...)
	high, low := rand.Uint64(), rand.Uint64()
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			b = append(b, '-')
		}
		b = append(b, digits[high>>60])
		high = high<<4 | low>>60
		low <<= 4
	}
	return append(b, '"')
}

// appendString adds a JSON string; the plain ones, nearly all, without a detour.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil {
				return append(b, `""`...) // cannot be: every string has a JSON form
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
