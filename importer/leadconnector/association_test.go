package leadconnector

import (
	"testing"

	"relink/importer"
)

const associationBody = `{"id":"asc1","key":"a_b","firstObjectKey":"contact","firstObjectLabel":"Contact\u0007","secondObjectKey":"custom_objects.pet","secondObjectLabel":"Pet","associationType":"USER_DEFINED","locationId":"loc1"}`

var contactPet = Association{
	ID: "asc1", Key: "a_b", FirstObjectKey: "contact", FirstObjectLabel: "Contact",
	SecondObjectKey: "custom_objects.pet", SecondObjectLabel: "Pet", Type: "USER_DEFINED", Location: "loc1",
}

func TestAssociation(t *testing.T) {
	if got, _, err := withAnswer(200, associationBody).Association(t.Context(), "loc1", "asc1"); err != nil || got != contactPet {
		t.Errorf("by id: got %+v, %v", got, err)
	}
	if got, _, err := withAnswer(200, associationBody).AssociationByKey(t.Context(), "loc1", "a_b"); err != nil || got != contactPet {
		t.Errorf("by key: got %+v, %v", got, err)
	}
	got, _, err := withAnswer(200, `{"associations":[`+associationBody+`]}`).Associations(t.Context(), "loc1")
	if err != nil || len(got) != 1 || got[0] != contactPet {
		t.Errorf("all: got %+v, %v", got, err)
	}
}

func TestAssociationMissing(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		class  importer.Class
		cause  importer.Cause
	}{
		{"404", 404, `{"message":"Not Found"}`, importer.Rejected, importer.CauseNotFound},
		{"400", 400, `{"message":"Association with key not found"}`, importer.Rejected, importer.CauseNotFound},
		{"other 400", 400, `{"message":"Bad Request"}`, importer.Rejected, importer.CauseBadRequest},
		{"no association", 200, `{}`, importer.Doubt, ""},
		{"no JSON", 200, `<html>`, importer.Doubt, ""},
	}
	for _, tt := range tests {
		got, reply, err := withAnswer(tt.status, tt.body).AssociationByKey(t.Context(), "loc1", "a_b")
		if err == nil || classOf(err) != tt.class || reply.Cause != tt.cause || got != (Association{}) {
			t.Errorf("%s: got %+v, %+v, %v", tt.name, got, reply, err)
		}
	}
	got, reply, err := withAnswer(200, associationBody).Association(t.Context(), "loc2", "asc1")
	if classOf(err) != importer.Rejected || reply.Cause != importer.CauseNotFound || got != (Association{}) {
		t.Errorf("of another location: got %+v, %+v, %v", got, reply, err)
	}
	if _, _, err := withAnswer(200, `{}`).Associations(t.Context(), "loc1"); err == nil || classOf(err) != importer.Doubt {
		t.Errorf("no list: got %v, want doubt", err)
	}
}
