package leadconnector

import (
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	tests := []struct {
		name, kind, body string
		words, trace     string
	}{
		{"string", typeJSON, `{"message":"Bad Request","traceId":"t-1"}`, "Bad Request", "t-1"},
		{"array", typeJSON, `{"message":["a must be","b must be"]}`, "a must be; b must be", ""},
		{"object", typeJSON, `{"message":{"message":"inner"}}`, "inner", ""},
		{"error alone", typeJSON, `{"error":"Unauthorized"}`, "Unauthorized", ""},
		{"message null", typeJSON, `{"message":null,"error":"Unauthorized"}`, "Unauthorized", ""},
		{"neither", typeJSON, `{"code":7}`, `{"code":7}`, ""},
		{"nested too deep", typeJSON, `{"message":[[[[[["x"]]]]]]}`, `{"message":[[[[[["x"]]]]]]}`, ""},
		{"number", typeJSON, `{"message":7}`, "7", ""},
		{"no content type", "", `{"message":"x"}`, "x", ""},
		{"byte order mark", "", "\ufeff{\"message\":\"x\"}", "x", ""},
		{"cut off", typeJSON, `{"message":"Bad`, `{"message":"Bad`, ""},
		{"empty", typeJSON, ``, "", ""},
		{"plain", "text/plain", "error code: 1010\n", "error code: 1010", ""},
		{"title", typeHTML, "<!DOCTYPE html><html><head><title>Attention &amp; \n care</title></head><body>x</body>", "Attention & care", ""},
		{"no title", typeHTML, "<html><head><style>p{}</style></head><script>evil()</script><h1>Bad</h1><p>Gateway</p><!-- c -->", "Bad Gateway", ""},
		{"broken tag", typeHTML, "<p>Bad</p><img src=", "Bad", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := read(tt.kind, []byte(tt.body))
			if words := clean(got.words, Token{}, maxMessage); words != tt.words {
				t.Errorf("words: got %q, want %q", words, tt.words)
			}
			if got.trace != tt.trace {
				t.Errorf("trace: got %q, want %q", got.trace, tt.trace)
			}
		})
	}
}

func TestClean(t *testing.T) {
	long := strings.Repeat("ä", 297)
	tests := []struct{ name, text, want string }{
		{"plain", "plain", "plain"},
		{"spaces and lines", "  a \r\n\tb\u00a0c ", "a b c"},
		{"terminal", "a\x1b[31mb\x00\u202ec\u2028d\x7f\u009be", "a [31mb c d e"},
		{"not UTF-8", "a\xffb", "a\ufffdb"},
		{"token", "Bearer " + secret + ", " + secret, "Bearer [token], [token]"},
		{"300", long + "abc", long + "abc"},
		{"301", long + "abcd", long + "ab…"},
		{"token across the cut", strings.Repeat("a", 290) + secret, strings.Repeat("a", 290) + "[token]"},
		{"token across a control character", secret[:5] + "\x00" + secret[5:], secret[:5] + " " + secret[5:]},
	}
	for _, tt := range tests {
		if got := clean(tt.text, secretToken, maxMessage); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
