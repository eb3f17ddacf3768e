// Reads objects from objects.json and writes a line for each that the model of its kind refuses.
// The models let unknown fields pass; the compiler finds those, in the literals written to objects.ts.
import { readFileSync, writeFileSync } from "node:fs";

const PACKAGES = {
  "external-secrets.io": "external-secrets",
  "gateway.networking.k8s.io": "gateway-api",
  "kafka.strimzi.io": "strimzi-kafka-operator",
  "keda.sh": "keda",
  "monitoring.coreos.com": "prometheus-operator",
  "postgresql.cnpg.io": "cloudnative-pg",
};

const objects = JSON.parse(readFileSync("objects.json", "utf8"));
const literals = [];
for (const [number, { where, object }] of objects.entries()) {
  const [group, version] = object.apiVersion.split("/");
  const module = `@kubernetes-models/${PACKAGES[group]}/${group}/${version}/${object.kind}`;
  try {
    const model = await import(module);
    new model[object.kind](object).validate();
  } catch (error) {
    console.log(`${where}: ${error.message.replaceAll("\n", " ")}`);
    if (error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED" || error.code === "ERR_MODULE_NOT_FOUND") continue;
  }
  const literal = JSON.stringify(object, null, 1);
  literals.push(`// ${where}\nimport type { I${object.kind} as Kind${number} } from "${module}";`);
  literals.push(`export const object${number}: Kind${number} = ${literal};`);
}
writeFileSync("objects.ts", literals.join("\n") + "\n");
