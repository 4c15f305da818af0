import { expect, test } from "@jest/globals";
import { withoutMarks } from "../../../tools/demo/page/model/text-content.ts";

test.each([
  ["Gladly. **Eight** it is", "Gladly. Eight it is"],
  ["*one* and _two_, ~~three~~ `**four**`", "one and two, three **four**"],
  ["2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"],
])("a line about %p has the words without their marks", (text, line) => {
  expect(withoutMarks(text)).toBe(line);
});
