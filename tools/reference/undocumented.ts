import { type DeclarationReflection, type ProjectReflection, type Reflection, ReflectionKind } from "typedoc";

const always =
  ReflectionKind.TypeAlias |
  ReflectionKind.ClassOrInterface |
  ReflectionKind.Variable |
  ReflectionKind.Function |
  ReflectionKind.Method |
  ReflectionKind.Accessor;

/** Public names without a comment, sorted: what is exported, its methods, and each property of an `…Options`. */
export function undocumented(project: ProjectReflection): readonly string[] {
  const names = project
    .getReflectionsByKind(always | ReflectionKind.Property)
    .filter((one): one is DeclarationReflection => one.isDeclaration())
    .filter((one) => !one.flags.isExternal && !withinAType(one) && (one.kindOf(always) || isOption(one)))
    .filter((one) => !hasComment(one))
    .map((one) => one.getFullName());
  return [...new Set(names)].sort();
}

const isOption = ({ parent }: Reflection): boolean => parent !== undefined && /Options$/.test(parent.name);

/** Whether it belongs to a type that is written out in a signature: its owner's comment tells of it. */
function withinAType(one: Reflection): boolean {
  for (let { parent } = one; parent !== undefined; { parent } = parent) {
    if (parent.kindOf(ReflectionKind.TypeLiteral | ReflectionKind.SomeSignature)) return true;
  }
  return false;
}

function hasComment(one: DeclarationReflection): boolean {
  const type = one.type?.type === "reflection" ? one.type.declaration : undefined;
  const places = [
    one,
    one.getSignature,
    one.setSignature,
    type,
    ...(one.signatures ?? []),
    ...(type?.signatures ?? []),
  ];
  return places.some((place) => place?.comment?.hasVisibleComponent() === true);
}
