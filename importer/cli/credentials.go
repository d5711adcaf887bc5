package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"relink/importer/leadconnector"
)

// secrets are the credentials that a run was given, read.
type secrets struct {
	csv     *leadconnector.TokensCSV // --tokens
	csvPath string
	grants  *leadconnector.Credentials // --credentials
	app     func() (leadconnector.App, error)
	common  leadconnector.Tokens // --token-file or $RELINK_TOKEN: for all other locations

	mu sync.Mutex
	by map[string]leadconnector.Tokens // by location: one source each for the whole process
}

// credentials reads what --tokens, --credentials, --token-file and $RELINK_TOKEN
// hold.
func (s *service) credentials(l *link, stateDir string) (*secrets, error) {
	k := &secrets{by: map[string]leadconnector.Tokens{}}
	if s.inside {
		token, err := leadconnector.NewStaticToken("sandbox")
		k.common = token
		return k, err
	}
	refuse := func(err error) error {
		return &failure{err: err, code: 5, next: "mend it and run the same command again"}
	}
	var err error
	if s.tokens != "" {
		if k.csv, err = leadconnector.OpenTokensCSV(s.tokens); err != nil {
			return nil, refuse(err)
		}
		k.csvPath = s.tokens
	}
	if s.grants != "" {
		if _, err := os.Stat(s.grants); errors.Is(err, fs.ErrNotExist) {
			return nil, &failure{err: fmt.Errorf("--credentials: %w", err), code: 5, next: "check the name, or write the file with relink login"}
		}
	}
	if k.grants, err = leadconnector.OpenCredentials(s.grantsPath(stateDir), l.target); err != nil {
		return nil, refuse(err)
	}
	k.app = sync.OnceValues(func() (leadconnector.App, error) { return oauthApp(l.base, l.http) })
	if s.tokenFile != "" {
		if k.common, err = leadconnector.OpenTokenFile(s.tokenFile); err != nil {
			return nil, refuse(err)
		}
	} else if text := os.Getenv("RELINK_TOKEN"); text != "" {
		if k.common, err = leadconnector.NewStaticToken(text); err != nil {
			return nil, refuse(fmt.Errorf("reading $RELINK_TOKEN: %w", err))
		}
	}
	if granted, err := k.grants.Locations(); err != nil {
		return nil, refuse(err)
	} else if k.csv == nil && k.common == nil && len(granted) == 0 {
		return nil, &failure{err: errors.New("there is no token for the service"), code: 5,
			next: "set $RELINK_TOKEN, or give --token-file FILE or --tokens CSV, or run relink login; to rehearse without one: --sandbox"}
	}
	return k, nil
}

// grantsPath is the file that relink login writes.
func (s *service) grantsPath(stateDir string) string {
	return cmp.Or(s.grants, filepath.Join(stateDir, "credentials.json"))
}

// of gives the tokens of a location, from the first source that has one: the CSV,
// the grants, what is for all locations.
func (k *secrets) of(location string) (leadconnector.Tokens, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known := k.by[location]; known != nil {
		return known, nil
	}
	tokens, err := k.find(location)
	if err == nil {
		k.by[location] = tokens
	}
	return tokens, err
}

func (k *secrets) find(location string) (leadconnector.Tokens, error) {
	var searched, remedies []string
	if k.csv != nil {
		tokens, err := k.csv.For(location)
		if err == nil || !errors.Is(err, leadconnector.ErrNoToken) {
			return tokens, err
		}
		searched = append(searched, k.csvPath)
		remedies = append(remedies, "add a line for it to "+k.csvPath)
	}
	if k.grants != nil {
		granted, err := k.grants.Locations()
		if err != nil {
			return nil, err
		}
		if slices.Contains(granted, location) {
			app, err := k.app()
			if err != nil {
				return nil, err
			}
			return k.grants.For(location, app)
		}
		searched = append(searched, k.grants.Path())
	}
	if k.common != nil {
		return k.common, nil
	}
	remedies = append(remedies, "run relink login --location "+location, "set $RELINK_TOKEN or --token-file for the locations that stand nowhere")
	return nil, &failure{err: fmt.Errorf("location %s has no token (looked in %s)", location, strings.Join(searched, " and ")),
		code: 5, next: strings.Join(remedies, ", or ")}
}

// locations are those that have a token of their own.
func (k *secrets) locations() ([]string, error) {
	var all []string
	if k.csv != nil {
		all = k.csv.Locations()
	}
	if k.grants != nil {
		granted, err := k.grants.Locations()
		if err != nil {
			return nil, err
		}
		all = append(all, granted...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// oauthApp is the app whose grants are renewed.
func oauthApp(base *url.URL, client *http.Client) (leadconnector.App, error) {
	app := leadconnector.App{Base: base, HTTP: client, ID: strings.TrimSpace(os.Getenv("RELINK_CLIENT_ID")), UserAgent: "relink/" + Version()}
	var err error
	switch text, path := os.Getenv("RELINK_CLIENT_SECRET"), os.Getenv("RELINK_CLIENT_SECRET_FILE"); {
	case text != "":
		if app.Secret, err = leadconnector.NewToken(text); err != nil {
			err = fmt.Errorf("reading $RELINK_CLIENT_SECRET: %w", err)
		}
	case path != "":
		if app.Secret, err = leadconnector.ReadSecretFile(path); err != nil {
			err = fmt.Errorf("reading $RELINK_CLIENT_SECRET_FILE: %w", err)
		}
	default:
		err = errors.New("the client secret is missing")
	}
	if err == nil && app.ID == "" {
		err = errors.New("the client id is missing")
	}
	if err != nil {
		return app, &failure{err: fmt.Errorf("renewing access tokens: %w", err), code: 5,
			next: "set $RELINK_CLIENT_ID, and $RELINK_CLIENT_SECRET or $RELINK_CLIENT_SECRET_FILE, to those of the app"}
	}
	return app, nil
}
