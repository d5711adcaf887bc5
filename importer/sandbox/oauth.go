package sandbox

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"
)

// OAuth is what POST /oauth/token knows.
type OAuth struct {
	// ClientID and ClientSecret must be sent; empty ones are not looked at.
	ClientID, ClientSecret string
	// Grants are refresh tokens or authorization codes, each good for one
	// exchange, and their locations. None: any text is one, once.
	Grants map[string]string
	// Lifetime of an access token: 86,399 s if zero.
	Lifetime time.Duration
}

// grants are the tokens given out. A refresh token is used up by the exchange
// that names it, whether or not the answer arrives.
type grants struct {
	config OAuth
	now    func() time.Time
	keep   func([]byte) error // nil: nowhere to keep them

	mu    sync.Mutex
	state grantState
}

// grantState is what a folder keeps of them.
type grantState struct {
	Refresh map[string]grant  `json:"refresh"`
	Access  map[string]access `json:"access"`
}

type grant struct {
	Location string `json:"location"`
	Used     bool   `json:"used"`
}

type access struct {
	Location string    `json:"location"`
	Expires  time.Time `json:"expires"`
}

// newGrants takes up what was kept; what Config names is added where it is new.
func newGrants(c OAuth, kept []byte, keep func([]byte) error, now func() time.Time) (*grants, error) {
	g := &grants{config: c, keep: keep, now: now}
	g.start()
	if kept != nil {
		var s grantState
		if err := json.Unmarshal(kept, &s); err != nil {
			return nil, err
		}
		for token, grant := range s.Refresh {
			g.state.Refresh[token] = grant
		}
		for token, access := range s.Access {
			g.state.Access[token] = access
		}
	}
	return g, nil
}

func (g *grants) start() {
	g.state = grantState{Refresh: map[string]grant{}, Access: map[string]access{}}
	for token, location := range g.config.Grants {
		g.state.Refresh[token] = grant{Location: location}
	}
}

func (g *grants) reset() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.start()
	return g.save()
}

func (g *grants) save() error {
	if g.keep == nil {
		return nil
	}
	b, err := json.Marshal(g.state)
	return errors.Join(err, g.keep(b))
}

// reach tells whether a token was given out here, is still good, and where.
func (g *grants) reach(token string) (locations []string, issued, live bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.state.Access[token]
	if !ok {
		return nil, false, false
	}
	if a.Location != "" {
		locations = []string{a.Location}
	}
	return locations, true, g.now().Before(a.Expires)
}

// revoke spoils a refresh token that nobody has used yet, known or not.
func (g *grants) revoke(token string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.state.Refresh[token] = grant{Location: g.state.Refresh[token].Location, Used: true}
	return g.save()
}

// exchange answers POST /oauth/token. The new pair is kept before the answer.
func (g *grants) exchange(r *http.Request) answer {
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return oauthError(400, "invalid_request", "the form cannot be read")
	}
	form := r.PostForm
	if g.config.ClientID != "" && form.Get("client_id") != g.config.ClientID ||
		g.config.ClientSecret != "" && form.Get("client_secret") != g.config.ClientSecret {
		return oauthError(401, "invalid_client", "Invalid client credentials!")
	}
	var token string
	switch form.Get("grant_type") {
	case "refresh_token":
		token = form.Get("refresh_token")
	case "authorization_code":
		token = form.Get("code")
	default:
		return oauthError(400, "unsupported_grant_type", "want refresh_token or authorization_code")
	}
	if t := form.Get("user_type"); t != "" && t != "Location" {
		return oauthError(400, "invalid_request", "user_type must be Location")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	old, known := g.state.Refresh[token]
	if token == "" || old.Used || !known && len(g.config.Grants) > 0 {
		return oauthError(400, "invalid_grant", "Invalid grant: refresh token is invalid")
	}
	bearer, refresh := "ey."+rand.Text(), rand.Text()
	g.state.Refresh[token] = grant{Location: old.Location, Used: true}
	g.state.Refresh[refresh] = grant{Location: old.Location}
	g.state.Access[bearer] = access{old.Location, g.now().Add(g.config.Lifetime)}
	if err := g.save(); err != nil {
		return problem(http.StatusInternalServerError, "the sandbox cannot keep its grants: "+err.Error())
	}
	return jsonAnswer(http.StatusOK, struct {
		AccessToken  string `json:"access_token"`
		TokenType    string `json:"token_type"`
		ExpiresIn    int    `json:"expires_in"`
		RefreshToken string `json:"refresh_token"`
		Scope        string `json:"scope"`
		UserType     string `json:"userType"`
		LocationID   string `json:"locationId"`
	}{bearer, "Bearer", int(g.config.Lifetime.Seconds()), refresh,
		"associations.readonly associations/relation.readonly associations/relation.write", "Location", old.Location})
}

func oauthError(status int, code, text string) answer {
	return jsonAnswer(status, struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{code, text})
}

func jsonAnswer(status int, v any) answer {
	b, err := json.Marshal(v)
	if err != nil {
		return problem(http.StatusInternalServerError, err.Error())
	}
	return answer{status: status, body: b}
}
