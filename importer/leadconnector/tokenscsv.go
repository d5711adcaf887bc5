package leadconnector

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// ErrNoToken: the file of tokens has none for the location.
var ErrNoToken = errors.New("no token for this location")

// TokensCSV holds the tokens of several locations, from a file of lines
// "locationId,token". Use OpenTokensCSV.
type TokensCSV struct {
	path       string
	byLocation map[string]*renewable
}

// OpenTokensCSV reads a CSV file of two columns, locationId and token; a header
// line with these names, in any case and either order, may come first. Like
// OpenTokenFile it refuses a file that others may read. Its errors name the
// line and never repeat what stands on it.
func OpenTokensCSV(path string) (*TokensCSV, error) {
	tokens, err := readTokensCSV(path)
	if err != nil {
		return nil, err
	}
	t := &TokensCSV{path: path, byLocation: make(map[string]*renewable, len(tokens))}
	for location, token := range tokens {
		t.byLocation[location] = &renewable{
			token: token,
			read:  func() (Token, error) { return rereadTokensCSV(path, location) },
		}
	}
	return t, nil
}

// For gives the tokens of one location, the same for every caller. Its Renew
// reads the file again for that location alone. The error wraps ErrNoToken.
func (t *TokensCSV) For(location string) (Tokens, error) {
	r, ok := t.byLocation[location]
	if !ok {
		return nil, fmt.Errorf("looking up location %s in %s: %w", location, t.path, ErrNoToken)
	}
	return r, nil
}

// Locations lists the locations that have a token, sorted.
func (t *TokensCSV) Locations() []string {
	return slices.Sorted(maps.Keys(t.byLocation))
}

func rereadTokensCSV(path, location string) (Token, error) {
	tokens, err := readTokensCSV(path)
	if err != nil {
		return Token{}, err
	}
	token, ok := tokens[location]
	if !ok {
		return Token{}, fmt.Errorf("looking up location %s in %s: %w", location, path, ErrNoToken)
	}
	return token, nil
}

func readTokensCSV(path string) (map[string]Token, error) {
	text, err := readSecret(path, maxTokensCSV)
	if err != nil {
		return nil, fmt.Errorf("reading the file of tokens: %w", err)
	}
	tokens, err := parseTokensCSV(text)
	if err != nil {
		return nil, fmt.Errorf("reading the file of tokens %s: %w", path, err)
	}
	return tokens, nil
}

func parseTokensCSV(text string) (map[string]Token, error) {
	lines := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	lines.FieldsPerRecord = 2
	lines.TrimLeadingSpace = true
	lines.ReuseRecord = true

	tokens := make(map[string]Token)
	locationColumn, tokenColumn := 0, 1
	for first := true; ; first = false {
		record, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err // csv.ParseError: line and column, no contents
		}
		if first {
			switch a, b := columnName(record[0]), columnName(record[1]); {
			case a == "locationid" && b == "token":
				continue
			case a == "token" && b == "locationid":
				locationColumn, tokenColumn = 1, 0
				continue
			}
		}
		line, _ := lines.FieldPos(0)
		location := strings.TrimSpace(record[locationColumn])
		if location == "" || strings.ContainsFunc(location, unprintable) {
			return nil, fmt.Errorf("line %d: the location is empty or no id", line)
		}
		token, err := NewToken(record[tokenColumn])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if earlier, ok := tokens[location]; ok && earlier.reveal() != token.reveal() {
			return nil, fmt.Errorf("line %d: location %s has another token further up", line, location)
		}
		tokens[location] = token
	}
	if len(tokens) == 0 {
		return nil, errors.New("it holds no tokens")
	}
	return tokens, nil
}

// columnName is a header name as it is compared.
func columnName(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(name))
}
