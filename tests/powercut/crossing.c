// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * A program with a write-back instruction that lies across two pages, which the
 * power-cut rig cannot watch and has to complain about.
 */
#include <string.h>
#include <sys/mman.h>

int main(void)
{
	/* clflush (%rdi); ret */
	static const unsigned char code[] = { 0x0f, 0xae, 0x3f, 0xc3 };
	unsigned char *page, *at;
	void (*run)(void *line);

	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return 1;
	at = page + 4096 - 2;
	memcpy(at, code, sizeof(code));
	memcpy(&run, &at, sizeof(run));
	run(page);
	return 0;
}
