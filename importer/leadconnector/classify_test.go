package leadconnector

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"relink/importer"
)

const (
	typeJSON = "application/json; charset=utf-8"
	typeHTML = "text/html"
)

func TestClassify(t *testing.T) {
	tests := []struct {
		name   string
		method string // POST if empty
		status int
		kind   string // JSON if empty
		body   string
		header map[string]string
		class  importer.Class
		cause  importer.Cause
		advice string // part of it; "-" for none
	}{
		{name: "duplicate 400", status: 400, body: `{"statusCode":400,"message":"Could not create relation: duplicate relation of object Ids for given association","traceId":"t1"}`, class: importer.Duplicate},
		{name: "duplicate 409", status: 409, body: `{"message":"Duplicate Relation"}`, class: importer.Duplicate},
		{name: "duplicate 422, array", status: 422, body: `{"message":["x","could not: DUPLICATE\n relation"]}`, class: importer.Duplicate},
		{name: "duplicate as plain text", status: 400, kind: "text/plain", body: `duplicate relation`, class: importer.Duplicate},
		{name: "duplicate in an object", status: 400, body: `{"message":{"message":"duplicate relation"}}`, class: importer.Duplicate},
		{name: "duplicate in error alone", status: 400, body: `{"error":"duplicate relation"}`, class: importer.Duplicate},
		{name: "duplicate on 404 is no duplicate", status: 404, body: `{"message":"duplicate relation"}`, class: importer.Rejected, cause: importer.CauseNotFound},
		{name: "duplicate on 500 is no duplicate", status: 500, body: `{"message":"duplicate relation"}`, class: importer.Doubt},

		{name: "invalid record", status: 422, body: `{"statusCode":422,"message":"Invalid record id : 'abc' for association : a_b"}`, class: importer.Rejected, cause: importer.CauseInvalidRecord, advice: "swapped"},
		{name: "bad request", status: 400, body: `{"statusCode":400,"message":"Bad Request"}`, class: importer.Rejected, cause: importer.CauseBadRequest, advice: "-"},
		{name: "write not found 400", status: 400, body: `{"message":"association not found"}`, class: importer.Rejected, cause: importer.CauseBadRequest},
		{name: "read not found 400", method: "GET", status: 400, body: `{"message":"Association Not Found"}`, class: importer.Rejected, cause: importer.CauseNotFound},
		{name: "not found", status: 404, body: `{"message":"Not Found"}`, class: importer.Rejected, cause: importer.CauseNotFound},
		{name: "unprocessable", status: 422, body: `{"statusCode":422,"message":["Unprocessable Entity"],"error":"Unprocessable Entity"}`, class: importer.Rejected, cause: importer.CauseUnprocessable},
		{name: "405", status: 405, class: importer.Rejected, cause: importer.CauseRefusedRow},
		{name: "409", status: 409, body: `{"message":"Conflict"}`, class: importer.Rejected, cause: importer.CauseRefusedRow},
		{name: "410", status: 410, class: importer.Rejected, cause: importer.CauseRefusedRow},
		{name: "413", status: 413, class: importer.Rejected, cause: importer.CauseRefusedRow},
		{name: "414", status: 414, class: importer.Rejected, cause: importer.CauseRefusedRow},
		{name: "415", status: 415, class: importer.Rejected, cause: importer.CauseRefusedRow},
		{name: "499", status: 499, class: importer.Rejected, cause: importer.CauseRefusedRow},

		{name: "invalid jwt", status: 401, body: `{"statusCode":401,"message":"Invalid JWT"}`, class: importer.Stale, advice: "out of date"},
		{name: "access token invalid", status: 401, body: `{"statusCode":401,"message":"Invalid token: access token is invalid","error":"Unauthorized"}`, class: importer.Stale},
		{name: "expired", status: 401, body: `{"message":"The token has EXPIRED"}`, class: importer.Stale},
		{name: "stale, not JSON", status: 401, kind: "text/plain", body: `Invalid JWT`, class: importer.Stale},
		{name: "private token", status: 401, body: `{"message":"Invalid Private Integration token"}`, class: importer.Refused, advice: "Private Integrations"},
		{name: "scope", status: 401, body: `{"message":"The token is not authorized for this scope."}`, class: importer.Refused, advice: "associations/relation.write"},
		{name: "authClass", status: 401, body: `{"message":"This authClass type is not allowed to access this scope. Please refer to the documentation"}`, class: importer.Refused, advice: "agency"},
		{name: "location 401", status: 401, body: `{"message":"This location is not accessible from this token!"}`, class: importer.Refused, advice: "--location"},
		{name: "location 400", status: 400, body: `{"message":"This location is not accessible from this token!"}`, class: importer.Refused},
		{name: "version missing", status: 401, body: `{"message":"version header was not found."}`, class: importer.Refused, advice: "bug of relink"},
		{name: "version invalid", status: 401, body: `{"message":"version header is invalid"}`, class: importer.Refused, advice: "too old"},
		{name: "version 400", status: 400, body: `{"message":"Version header is invalid"}`, class: importer.Refused},
		{name: "version 422", status: 422, body: `{"message":["version header is invalid"]}`, class: importer.Refused},
		{name: "scope 422", status: 422, body: `{"message":"The token is not authorized for this scope."}`, class: importer.Refused, advice: "relation.write"},
		{name: "no access 400", status: 400, body: `{"message":"The token does not have access to this location."}`, class: importer.Refused, advice: "--location"},
		{name: "other scope 401", status: 401, body: `{"message":"insufficient scope"}`, class: importer.Refused, advice: "relation.readonly"},
		{name: "other authClass 401", status: 401, body: `{"message":"wrong authClass"}`, class: importer.Refused, advice: "agency"},
		{name: "invalid access token", status: 401, body: `{"message":"Invalid access token"}`, class: importer.Stale},
		{name: "access token invalid, short", status: 401, body: `{"message":"Access token invalid"}`, class: importer.Stale},
		{name: "unknown 401", status: 401, body: `{"message":"no"}`, class: importer.Refused, advice: "current"},
		{name: "empty 401", status: 401, class: importer.Refused},
		{name: "402", status: 402, class: importer.Refused},
		{name: "403 JSON", status: 403, body: `{"message":"Forbidden"}`, class: importer.Refused},
		{name: "403 location", status: 403, body: `{"statusCode":403,"message":"The token does not have access to this location."}`, class: importer.Refused, advice: "sub-account"},
		{name: "403 scope", status: 403, body: `{"message":"scope missing"}`, class: importer.Refused, advice: "relation.readonly"},
		{name: "403 authClass", status: 403, body: `{"message":"wrong authClass"}`, class: importer.Refused, advice: "agency"},
		{name: "403 other location", status: 403, body: `{"message":"no rights on location x"}`, class: importer.Refused, advice: "--location"},
		{name: "403 JSON string", status: 403, body: `"Forbidden"`, class: importer.Refused},
		{name: "403 JSON cut off", status: 403, body: `{"statusCode":403,"mess`, class: importer.Refused},
		{name: "403 HTML", status: 403, kind: typeHTML, body: `<html><title>Error 1010</title>location scope</html>`, class: importer.Blocked, advice: "firewall"},
		{name: "403 plain", status: 403, kind: "text/plain", body: `error code: 1010`, class: importer.Blocked},
		{name: "403 empty", status: 403, kind: "-", class: importer.Blocked},
		{name: "403 of the edge in JSON", status: 403, body: `{"error_code":1010,"cloudflare_error":true}`, class: importer.Blocked},
		{name: "407", status: 407, class: importer.Blocked, advice: "HTTPS_PROXY"},
		{name: "451", status: 451, class: importer.Blocked},
		{name: "301", status: 301, class: importer.Blocked, advice: "--api-url"},
		{name: "304", status: 304, class: importer.Blocked},
		{name: "308", status: 308, class: importer.Blocked},

		{name: "burst", status: 429, body: `{"message":"Too Many Requests"}`, class: importer.Throttled, advice: "-"},
		{name: "burst with day left", status: 429, header: map[string]string{headerDailyRemaining: "7"}, class: importer.Throttled},
		{name: "day spent", status: 429, header: map[string]string{headerDailyRemaining: "0"}, class: importer.Spent},
		{name: "day spent, nonsense", status: 429, header: map[string]string{headerDailyRemaining: "-0"}, class: importer.Throttled},
		{name: "408", status: 408, body: `{"message":"version header"}`, class: importer.Doubt},
		{name: "425", status: 425, class: importer.Doubt},
		{name: "500", status: 500, body: `{"message":"Invalid JWT"}`, class: importer.Doubt, advice: "-"},
		{name: "502 HTML", status: 502, kind: typeHTML, body: `<h1>Bad Gateway</h1>`, class: importer.Doubt},
		{name: "503", status: 503, class: importer.Doubt},
		{name: "504", status: 504, class: importer.Doubt},
		{name: "529", status: 529, class: importer.Doubt},
		{name: "101", status: 101, class: importer.Doubt},
		{name: "600", status: 600, class: importer.Doubt},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.kind == "" {
				tt.kind = typeJSON
			}
			if tt.method == "" {
				tt.method = "POST"
			}
			header := http.Header{"Content-Type": {tt.kind}}
			for name, value := range tt.header {
				header[name] = []string{value}
			}
			reply, err := refused(tt.method, tt.status, header, tt.body)
			if got := classOf(err); got != tt.class {
				t.Errorf("class: got %v, want %v", got, tt.class)
			}
			if err.Cause != tt.cause || reply.Cause != tt.cause {
				t.Errorf("cause: got %q and %q, want %q", err.Cause, reply.Cause, tt.cause)
			}
			if tt.advice == "-" && err.Advice() != "" || tt.advice != "-" && !strings.Contains(err.Advice(), tt.advice) {
				t.Errorf("advice: got %q, want %q in it", err.Advice(), tt.advice)
			}
			if err.Message == "" && http.StatusText(tt.status) != "" {
				t.Error("message: got none")
			}
		})
	}
}

// Every refusal that stops a location says what to do.
func TestRulesAdvise(t *testing.T) {
	for _, r := range rules {
		stops := r.class == importer.Refused || r.class == importer.Blocked || r.class == importer.Stale
		if stops && r.advice == "" {
			t.Errorf("rule %d–%d %q: no advice", r.low, r.high, r.text)
		}
		if r.text != strings.ToLower(r.text) {
			t.Errorf("rule %d–%d %q: not in lower case", r.low, r.high, r.text)
		}
		if (r.class == importer.Rejected) != (r.cause != "") {
			t.Errorf("rule %d–%d %q: class %v with cause %q", r.low, r.high, r.text, r.class, r.cause)
		}
	}
}

// refused is refusal as do calls it.
func refused(method string, status int, header http.Header, body string) (importer.Reply, *Error) {
	reply := importer.Reply{Status: status, Quota: quotaOf(header, now)}
	err := refusal(method, header, []byte(body), &reply, secretToken)
	return reply, err
}

func FuzzClassify(f *testing.F) {
	f.Add(400, typeJSON, `{"message":"duplicate relation"}`)
	f.Add(401, typeJSON, `{"message":["Invalid JWT","`+secret+`"],"traceId":7}`)
	f.Add(500, typeJSON, `{"traceId":"`+secret+`\u001b"}`)
	f.Add(403, typeHTML, "<html><title>\x1b[31mno\u202e</title><p>"+secret[:5]+"<b></b>"+secret[5:])
	f.Add(422, "", "\ufeff{\"message\":{\"message\":[[[[[1]]]]]}}")
	f.Add(503, typeHTML, "<title>"+strings.Repeat("ä", 400))
	f.Add(-1, "x", "\xff\xfe\x00")
	f.Fuzz(func(t *testing.T, status int, kind, body string) {
		if status >= 200 && status <= 299 {
			return
		}
		reply, err := refused("POST", status, http.Header{"Content-Type": {kind}}, body)
		var class importer.Class
		if !errors.As(err, &class) {
			t.Fatal("no class")
		}
		if (class == importer.Rejected) != (reply.Cause != "") {
			t.Errorf("class %v with cause %q", class, reply.Cause)
		}
		if class == importer.Duplicate && status != 400 && status != 409 && status != 422 {
			t.Errorf("status %d: duplicate", status)
		}
		for _, text := range []string{reply.Message, reply.TraceID, err.Error()} {
			checkText(t, text)
		}
		if n := utf8.RuneCountInString(reply.Message); n > maxMessage {
			t.Errorf("message of %d characters", n)
		}
	})
}

// checkText fails for a text that must not be printed.
func checkText(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("not UTF-8: %q", text)
	}
	for _, r := range text {
		if r != ' ' && unprintable(r) {
			t.Errorf("character %U in %q", r, text)
		}
	}
	if strings.Contains(text, secret) {
		t.Errorf("the token in %q", text)
	}
}

func BenchmarkClassify(b *testing.B) {
	header := http.Header{"Content-Type": {typeJSON}}
	body := []byte(`{"statusCode":400,"message":"Could not create relation: duplicate relation of object Ids for given association","traceId":"0f3c"}`)
	b.ReportAllocs()
	for b.Loop() {
		reply := importer.Reply{Status: 400}
		if err := refusal("POST", header, body, &reply, secretToken); err.Class != importer.Duplicate {
			b.Fatal(err)
		}
	}
}
