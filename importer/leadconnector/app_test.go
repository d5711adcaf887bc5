package leadconnector

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"relink/importer"
)

// TestExchangeAnswers goes through what the service may answer.
func TestExchangeAnswers(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		class  importer.Class
		advice string
	}{
		{400, `{"error":"invalid_grant","error_description":"Invalid grant: refresh token is invalid"}`, importer.Refused, adviceGrant},
		{401, `{"error":"invalid_grant"}`, importer.Refused, adviceGrant},
		{401, `{"error":"invalid_client","error_description":"Invalid client credentials!"}`, importer.Refused, adviceClient},
		{400, `{"error":"unauthorized_client"}`, importer.Refused, adviceClient},
		{422, `{"message":["refresh token must be a string"]}`, importer.Refused, adviceGrant},
		{400, `{"message":"Bad Request"}`, importer.Refused, adviceExchange},
		{403, `<html><title>Error 1010</title></html>`, importer.Blocked, adviceEdge},
		{302, ``, importer.Blocked, adviceMoved},
		{429, `{}`, importer.Unsent, ""},
		{500, `{"message":"secret-refresh/= secret-refresh%2F%3D client-secret+ client-secret%2B"}`, importer.Unsent, ""},
		{502, `<html>`, importer.Unsent, ""},
		{200, `{"access_token":"ey.half"}`, importer.Unsent, ""},
		{200, `{"access_token":"ey.half","refr`, importer.Unsent, ""},
		{200, ``, importer.Unsent, ""},
	} {
		base, _ := ParseBase(testService)
		refresh, _ := NewToken("secret-refresh/=")
		secret, _ := NewToken("client-secret+")
		app := App{Base: base, ID: "id", Secret: secret, HTTP: doerFunc(func(*http.Request) (*http.Response, error) {
			answer := jsonAnswer(test.status, test.body)
			if strings.HasPrefix(test.body, "<") {
				answer.Header.Set("Content-Type", "text/html")
			}
			return answer, nil
		})}
		_, _, err := app.exchange(t.Context(), ticket{kind: "refresh_token", text: refresh})
		told := (*Error)(nil)
		if !errors.As(err, &told) || told.Class != test.class || told.Advice() != test.advice {
			t.Errorf("%d %s: got %v (%s)", test.status, test.body, err, told.Advice())
		}
		for _, s := range []string{"secret-refresh", "client-secret", "ey.half"} {
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, told, app), s) {
				t.Errorf("%d %s: the error holds %s", test.status, test.body, s)
			}
		}
	}
}
