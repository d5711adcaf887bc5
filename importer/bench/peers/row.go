package main

import (
	"fmt"
	"net/http"
)

// token is one that the stand-in takes.
const token = "pit-peers"

// A row is one pair with what belongs to it: 24 characters a column.
type row struct {
	Location    string `json:"locationId"`
	Association string `json:"associationId"`
	First       string `json:"firstRecordId"`
	Second      string `json:"secondRecordId"`
}

func rowAt(i int) row {
	return row{
		Location:    fmt.Sprintf("loc%021d", 0),
		Association: "6512a8f4c3b1d27e90f4ab17",
		First:       fmt.Sprintf("first%019d", i),
		Second:      fmt.Sprintf("%024x", i*7919),
	}
}

func (r row) body() string {
	return fmt.Sprintf(`{"locationId":%q,"associationId":%q,"firstRecordId":%q,"secondRecordId":%q}`,
		r.Location, r.Association, r.First, r.Second)
}

func endpoint(url string) string { return url + "/associations/relations" }

func header() http.Header {
	return http.Header{
		"Authorization": {"Bearer " + token},
		"Version":       {"2021-07-28"},
		"Accept":        {"application/json"},
		"Content-Type":  {"application/json"},
	}
}
