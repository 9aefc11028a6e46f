#include "simulations/fault_people.h"

#include "ledger/identifiers.h"
#include "ledger/legal_time.h"
#include "ledger/sha256.h"

namespace songhua::simulations {

std::string Uscc(int n) {
  const std::string first17 = "91220101MA" + std::to_string(1000000 + n);
  return first17 + *UsccCheckCharacter(first17);
}

std::string PermitNumberOf(int firm, int sequence) {
  const std::string digits = std::to_string(sequence);
  return Firm(firm) + std::string(3 - digits.size(), '0') + digits + "P";
}

void AddParticipant(std::vector<SimulatedRequest>* world, const std::string& id, v1::ParticipantKind kind) {
  v1::CreateParticipantRequest request;
  v1::Participant& participant = *request.mutable_participant();
  participant.set_name("participants/" + id);
  participant.set_kind(kind);
  participant.set_display_name(id);
  participant.set_region("220000");
  world->push_back(Make("Participants/CreateParticipant", kOperatorToken, request));
}

void AddPerson(std::vector<SimulatedRequest>* world, const std::string& id, const std::string& participant, const std::vector<v1::Role>& roles,
               const std::string& region) {
  v1::CreatePersonRequest request;
  v1::Person& person = *request.mutable_person();
  person.set_name("people/" + id);
  person.set_participant("participants/" + participant);
  person.set_display_name(id);
  for (v1::Role role : roles) {
    v1::RoleGrant& grant = *person.add_roles();
    grant.set_role(role);
    grant.set_region(region);
  }
  world->push_back(Make("Participants/CreatePerson", kOperatorToken, request));
  v1::CreateTokenRequest token;
  token.set_person("people/" + id);
  token.set_token_sha256(std::string(AsBytes(Sha256Of(id))));
  token.mutable_expire_time()->set_seconds(StartOfDay(MakeDate(2026, 12, 31)).value() / kMicrosPerSecond);
  world->push_back(Make("Participants/CreateToken", kOperatorToken, token));
}

}  // namespace songhua::simulations
