/** What a probe posts to its test. `n` counts connects, disconnects and data of one probe, strictly increasing. */
export type Post =
  | { readonly type: "connect"; readonly n: number }
  | { readonly type: "disconnect"; readonly n: number; readonly reason: unknown }
  | { readonly type: "keepalive"; readonly payload: Buffer }
  | { readonly type: "data"; readonly payload: Buffer; readonly n: number }
  | { readonly type: "done"; readonly n: number }
  | { readonly type: "streamStart" }
  | { readonly type: "result"; readonly answer: unknown }
  | { readonly type: "note"; readonly text: string };

type PostOf<Type extends Post["type"]> = Extract<Post, { readonly type: Type }>;

/** A test's mailbox, read selectively: `next("data")` takes the oldest post of that type, or waits for one. */
export class Inbox {
  readonly #posts: Post[] = [];
  readonly #waiting = new Set<() => void>();
  #count = 0;

  /** The next number of the counter that connects, disconnects and data share. */
  count(): number {
    this.#count += 1;
    return this.#count;
  }

  post(post: Post): void {
    this.#posts.push(post);
    for (const wake of [...this.#waiting]) wake();
  }

  /** A post that stands for whatever the test calls it. */
  note(text: string): void {
    this.post({ type: "note", text });
  }

  /** Takes the oldest post of this type that is like this. */
  async next<Type extends Post["type"]>(
    type: Type,
    like: (post: PostOf<Type>) => boolean = () => true,
  ): Promise<PostOf<Type>> {
    for (;;) {
      const index = this.#posts.findIndex((post) => post.type === type && like(post as PostOf<Type>));
      if (index >= 0) return this.#posts.splice(index, 1)[0] as PostOf<Type>;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  /** Takes all notes so far. */
  notes(): string[] {
    return this.take("note").map(({ text }) => text);
  }

  /** Takes all posts of this type so far. */
  take<Type extends Post["type"]>(type: Type): PostOf<Type>[] {
    const taken = this.#posts.filter((post): post is PostOf<Type> => post.type === type);
    const rest = this.#posts.filter((post) => post.type !== type);
    this.#posts.splice(0, this.#posts.length, ...rest);
    return taken;
  }
}
