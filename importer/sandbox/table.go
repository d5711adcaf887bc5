package sandbox

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ReadTokens reads the tokens of a Config: CSV with the columns locationId and
// token, which is what relink's own --tokens has, and if wanted refusal. A token
// may have several lines; an empty location means all of them.
func ReadTokens(in io.Reader) (tokens map[string][]string, refused map[string]string, err error) {
	tokens, refused = map[string][]string{}, map[string]string{}
	err = table(in, []string{"locationid", "token"}, []string{"refusal"}, func(cell map[string]string) error {
		token := cell["token"]
		if token == "" {
			return fmt.Errorf("the token is empty")
		}
		if kind := cell["refusal"]; kind != "" {
			refused[token] = kind
		}
		if locations, known := tokens[token]; cell["locationid"] == "" || known && locations == nil {
			tokens[token] = nil
			return nil
		}
		tokens[token] = append(tokens[token], cell["locationid"])
		return nil
	})
	return tokens, refused, err
}

// ReadLimits reads limits by location: CSV with the column locationId and any of
// max, interval (as 10s) and daily; empty takes the default, -1 is no limit.
func ReadLimits(in io.Reader) (map[string]Limit, error) {
	limits := map[string]Limit{}
	err := table(in, []string{"locationid"}, []string{"max", "interval", "daily"}, func(cell map[string]string) (err error) {
		var l Limit
		if cell["max"] != "" {
			if l.Max, err = strconv.Atoi(cell["max"]); err != nil {
				return err
			}
		}
		if cell["daily"] != "" {
			if l.Daily, err = strconv.Atoi(cell["daily"]); err != nil {
				return err
			}
		}
		if cell["interval"] != "" {
			if l.Interval, err = time.ParseDuration(cell["interval"]); err != nil {
				return err
			}
		}
		limits[cell["locationid"]] = l
		return nil
	})
	return limits, err
}

// ReadRecords reads the records that exist: CSV with the columns recordId and object.
func ReadRecords(in io.Reader) (map[string]string, error) {
	records := map[string]string{}
	err := table(in, []string{"recordid", "object"}, nil, func(cell map[string]string) error {
		records[cell["recordid"]] = cell["object"]
		return nil
	})
	return records, err
}

// ReadAssociations reads the associations that exist: CSV with the columns
// associationId, key, firstObject, secondObject and if wanted locationId.
func ReadAssociations(in io.Reader) ([]Association, error) {
	var list []Association
	err := table(in, []string{"associationid", "key", "firstobject", "secondobject"}, []string{"locationid"},
		func(cell map[string]string) error {
			list = append(list, Association{ID: cell["associationid"], Key: cell["key"],
				FirstObject: cell["firstobject"], SecondObject: cell["secondobject"], Location: cell["locationid"]})
			return nil
		})
	return list, err
}

// ReadGrants reads OAuth.Grants: CSV with the columns locationId and refreshToken.
func ReadGrants(in io.Reader) (map[string]string, error) {
	grants := map[string]string{}
	err := table(in, []string{"locationid", "refreshtoken"}, nil, func(cell map[string]string) error {
		grants[cell["refreshtoken"]] = cell["locationid"]
		return nil
	})
	return grants, err
}

// table reads CSV with a header whose names may stand in any order and case.
func table(in io.Reader, needed, allowed []string, take func(map[string]string) error) error {
	r := csv.NewReader(in)
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("reading the header: %w", err)
	}
	for i, name := range header {
		header[i] = strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "", "\ufeff", "").Replace(name))
		if !slices.Contains(needed, header[i]) && !slices.Contains(allowed, header[i]) {
			return fmt.Errorf("column %q: want %v, perhaps %v", name, needed, allowed)
		}
	}
	for _, name := range needed {
		if !slices.Contains(header, name) {
			return fmt.Errorf("the header %v has no column %q", header, name)
		}
	}
	for {
		record, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		cell := map[string]string{}
		for i, value := range record {
			cell[header[i]] = strings.TrimSpace(value)
		}
		if err := take(cell); err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}
