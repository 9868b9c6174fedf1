/** Somebody's claim on local files: what was added to it is let go when it ends. */
export class Lease {
  private releases: (() => void)[] | undefined = [];

  /** `release` is called once, when the lease ends; at once where it has ended. */
  add(release: () => void): void {
    if (this.releases) this.releases.push(release);
    else release();
  }

  /** May be called twice. */
  end(): void {
    const releases = this.releases ?? [];
    this.releases = undefined;
    for (const release of releases) release();
  }
}
