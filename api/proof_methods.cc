// The methods of certificates and of the transparency log. With methods.cc this is the table of all writes.
#include "api/engine/certificates.h"
#include "api/reads/reads.h"
#include "api/write_method.h"
#include "songhua/v1/certificates.pb.h"
#include "songhua/v1/transparency.pb.h"

namespace songhua::api {

void AddProofs(std::vector<Method>& m) {
  // Whose a subject is, and what region it lies in, the command finds with what it certifies (engine/certificates.h).
  const Grants kParties = {{v1::ENT_OPERATOR, kAny}, {v1::ENT_LEGAL_REP, kAny},   {v1::BANK_OFFICER, kAny},    {v1::BANK_APPROVER, kAny}, {v1::REGISTRY_OP, kAny},
                           {v1::PERMIT_INTAKE, kAny}, {v1::PERMIT_REVIEWER, kAny}, {v1::PERMIT_APPROVER, kAny}, {v1::AUDITOR, kAny}};
  m.push_back(Write<v1::IssueCertificateRequest>("Certificates/IssueCertificate", Lane::kRegistry, kParties, nullptr, DOMAIN(s.certificates.IssueCertificate(s, c, q))));
  m.back().cold = ColdCertified;

  const Grants kSystem = {{v1::SYSTEM_OP, kAny}};
  m.push_back(Write<v1::AddWitnessRequest>("Transparency/AddWitness", Lane::kOperations, kSystem, nullptr, DOMAIN(s.witnesses.AddWitness(c, q))));
  m.push_back(Write<v1::RetireWitnessRequest>("Transparency/RetireWitness", Lane::kOperations, kSystem, nullptr, DOMAIN(s.witnesses.RetireWitness(c, q))));
  m.push_back(
      Write<v1::SetWitnessPolicyRequest>("Transparency/SetWitnessPolicy", Lane::kOperations, kSystem, nullptr, DOMAIN(s.witnesses.SetWitnessPolicy(c, q))));
  m.push_back(Write<v1::AddCosignatureRequest>("Transparency/AddCosignature", Lane::kOperations,
                                               {{v1::AUDITOR, kAny}, {v1::BANK_OFFICER, kAny}, {v1::BANK_APPROVER, kAny}, {v1::SYSTEM_OP, kAny}}, nullptr,
                                               DOMAIN(s.witnesses.AddCosignature(c, q))));
  m.back().admit = [](ReadSide& side, const google::protobuf::Message& request) {
    return reads::AdmitCosignature(side, static_cast<const v1::AddCosignatureRequest&>(request));
  };
}

}  // namespace songhua::api
