//! Things on their way, by number; the room of finished ones is used again.

/// A table of `T` with holes.
#[derive(Debug)]
pub(super) struct Slab<T> {
    items: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab { items: Vec::new(), free: Vec::new() }
    }
}

impl<T: Default> Slab<T> {
    /// A free place; what was there before is kept, so that its buffers can be used again.
    #[inline]
    pub(super) fn place(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.items.push(T::default());
            u32::try_from(self.items.len() - 1).expect("fewer than 2^32 things on their way")
        })
    }
    /// How many are on their way.
    pub(super) fn in_use(&self) -> usize {
        self.items.len() - self.free.len()
    }
    /// Every place, used or not.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter()
    }
    /// Changes what is in every place, used or not.
    pub(super) fn each(&mut self, f: impl FnMut(&mut T)) {
        self.items.iter_mut().for_each(f);
    }
    /// The place is free again.
    #[inline]
    pub(super) fn leave(&mut self, id: u32) {
        self.free.push(id);
    }
}

impl<T> std::ops::Index<u32> for Slab<T> {
    type Output = T;
    #[inline(always)]
    fn index(&self, id: u32) -> &T {
        &self.items[id as usize]
    }
}
impl<T> std::ops::IndexMut<u32> for Slab<T> {
    #[inline(always)]
    fn index_mut(&mut self, id: u32) -> &mut T {
        &mut self.items[id as usize]
    }
}
